// A channel with the face that Asio's and Beast's algorithms expect of a stream.
// Not how the pool reads and writes: it goes by the channel's steps, without an operation for each.
#pragma once

#include "net/channel/channel.hpp"
#include "net/common/asio_compat.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/compose.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>
#include <utility>

namespace mistral::workflows::net {

/// Meets AsyncReadStream and AsyncWriteStream; both directions at once are not for
/// TLS. A peer that ends properly is `eof`, one that is cut `connection_reset`. An
/// operation that is cancelled leaves the stream good for nothing but its end.
class stream {
 public:
  using executor_type = asio::any_io_executor;

  stream(executor_type executor, std::unique_ptr<channel> bytes)
      : executor_(std::move(executor)), channel_(std::move(bytes)) {}

  executor_type get_executor() const noexcept { return executor_; }
  channel& next_layer() noexcept { return *channel_; }

  template <typename MutableBuffers, typename Token>
  auto async_read_some(const MutableBuffers& buffers, Token&& token) {
    const std::span<char> into = first_of<asio::mutable_buffer, char>(buffers);
    auto attempt = [bytes = channel_.get(), into] {
      return into.empty() ? io_result(std::size_t{0}) : bytes->try_read(into);
    };
    return run(std::move(attempt), token);
  }

  template <typename ConstBuffers, typename Token>
  auto async_write_some(const ConstBuffers& buffers, Token&& token) {
    const std::span<const char> from = first_of<asio::const_buffer, const char>(buffers);
    auto attempt = [bytes = channel_.get(), from] {
      return from.empty() ? io_result(std::size_t{0})
                          : bytes->try_write(std::string_view(from.data(), from.size()));
    };
    return run(std::move(attempt), token);
  }

 private:
  executor_type executor_;
  std::unique_ptr<channel> channel_;

  template <typename Buffer, typename Byte, typename Buffers>
  static std::span<Byte> first_of(const Buffers& buffers) {
    for (auto at = asio::buffer_sequence_begin(buffers); at != asio::buffer_sequence_end(buffers); ++at) {
      const Buffer one(*at);
      if (one.size() > 0) return {static_cast<Byte*>(one.data()), one.size()};
    }
    return {};
  }

  template <typename Attempt>
  struct operation {
    channel* bytes;
    Attempt attempt;
    io_result came = io_result();
    enum class at { start, waited, posted } stage = at::start;

    operation(channel* over, Attempt once) : bytes(over), attempt(std::move(once)) {}

    template <typename Self>
    void operator()(Self& self, error_code why = error_code()) {
      if (why) return self.complete(why, 0);
      if (stage != at::posted) {
        came = attempt();
        if (came.blocked()) {
          stage = at::waited;
          return bytes->async_wait(came.wanted(), std::move(self));
        }
        if (std::exchange(stage, at::posted) == at::start) return asio::post(std::move(self));
      }
      self.complete(result(), came.bytes);
    }

    error_code result() const {
      if (came.done()) return error_code();
      if (came.status == io_result::what::end) return asio::error::eof;
      return came.status == io_result::what::cut ? error_code(asio::error::connection_reset) : came.code;
    }
  };

  template <typename Attempt, typename Token>
  auto run(Attempt attempt, Token& token) {
    return asio::async_compose<Token, void(error_code, std::size_t)>(
        operation<Attempt>(channel_.get(), std::move(attempt)), token, executor_);
  }
};

}  // namespace mistral::workflows::net
