// How an answer goes out: whole, or as a fault wants it; and what a refused client still sends.
#include "testing/server/connection/connection.hpp"
#include "testing/server/connection/stream_writer.hpp"

#include <algorithm>

namespace mistral::workflows::testing {

namespace asio = boost::asio;
using steady = asio::steady_timer::clock_type;

namespace {

// Of a request that was refused.
constexpr std::size_t most_drained = 64 * 1024 * 1024;
constexpr std::chrono::seconds longest_drain(5);

}  // namespace

asio::awaitable<bool> connection::send(std::shared_ptr<request> asked, std::shared_ptr<answer> given,
                                       struck_fault fault) {
  static const fault::plan nothing;
  const fault::plan& plan = fault ? fault->plan() : nothing;
  for (int i = 0; i < plan.early_hints; ++i) {
    std::string hint = "HTTP/1.1 103 Early Hints\r\n\r\n";
    co_await write(std::move(hint));
  }
  const bool keep = asked->keep_alive && !plan.connection_close && !server_.stopping;
  head_writer head(given->status, server_);
  for (const auto& [name, value] : given->headers) head.add(name, value);
  for (const auto& [name, value] : plan.headers) head.add(name, value);
  if (!keep && !given->stream) head.add("Connection", "close");
  if (keep && asked->version == 10 && !given->stream) head.add("Connection", "keep-alive");
  if (given->stream) {
    stream_writer writer(*this, std::move(given->stream), fault);
    const bool again = co_await writer.run(std::move(head), asked->version == 10, keep);
    co_return again;
  }
  if (given->has_body()) {
    head.add("Content-Type", plan.content_type.empty() ? given->content_type : plan.content_type);
    const auto stated = static_cast<std::ptrdiff_t>(given->body.size()) + plan.content_length_off_by;
    head.add("Content-Length", std::to_string(std::max<std::ptrdiff_t>(stated, 0)));
  }
  std::string body;
  if (given->has_body()) body = std::move(given->body);
  std::string text = head.finish();
  const bool sent = co_await send_text(std::move(text), std::move(body), fault);
  co_return sent&& keep;
}

asio::awaitable<bool> connection::send_text(std::string head, std::string body, struck_fault fault) {
  const std::size_t head_size = head.size();
  std::string text = std::move(head);
  text += body;
  if (!fault) {
    const bool sent = co_await write(std::move(text));
    co_return sent;
  }
  const fault::plan& plan = fault->plan();
  std::optional<cut_point<std::size_t>> cut = plan.cut_answer;
  if (plan.cut_body) cut.emplace(head_size + plan.cut_body->at, plan.cut_body->how);
  if (cut) text.resize(std::min(text.size(), cut->at));
  if (plan.stall) {
    const std::size_t first = std::min(text.size(), *plan.stall);
    std::string part = text.substr(0, first);
    co_await write(std::move(part));
    co_await stalled(fault);
    text.erase(0, first);
  }
  const bool sent = co_await write(std::move(text));
  if (cut) close(cut->how);
  co_return sent && !cut;
}

asio::awaitable<void> connection::refuse(int status, std::string detail) {
  const answer given = error_answer(status, "", detail);
  head_writer head(status, server_);
  head.add("Connection", "close");
  head.add("Content-Type", given.content_type);
  head.add("Content-Length", std::to_string(given.body.size()));
  std::string text = head.finish();
  text += given.body;
  co_await write(std::move(text));
  co_await drain();
}

// What a client still sends would turn the end into an RST, and that takes the answer from it.
asio::awaitable<void> connection::drain() {
  const auto end = steady::now() + longest_drain;
  wire_.end_sending();
  for (auto left = most_drained; !gone_ && !server_.stopping && steady::now() < end && in_.size() <= left;) {
    left -= in_.size();
    in_.clear();
    room_.cancel();
    co_await wait(end);
  }
}

}  // namespace mistral::workflows::testing
