// At most 100 executions that are cancelled or terminated with
// one request, and looked at one by one where its answer is lost.
// Decides nothing itself: protocol/calls/batch_ending.hpp.
#pragma once

#include "protocol/calls/batch_ending.hpp"
#include "session/call/call.hpp"
#include "session/doubt/execution_looks.hpp"

#include <mistral/workflows/batch.hpp>
#include <mistral/workflows/model/execution.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/cancellation_type.hpp>

#include <chrono>
#include <cstddef>
#include <exception>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace mistral::workflows::api {

/// Does what the machine of the batch wishes, and says of each
/// id what became of it. Stays where it is while it runs.
class ending_batch final : private session::request_watcher {
 public:
  using clock = std::chrono::steady_clock;

  /// `runs`: the run that is meant, where the caller knows it, for each of `part`. Both outlive this.
  ending_batch(session::client_handle by, protocol::operation op, std::span<batch_item> part,
               std::span<const std::optional<std::string>> runs, clock::time_point ends);
  ~ending_batch() { looks_->stop(); }
  ending_batch(const ending_batch&) = delete;
  ending_batch& operator=(const ending_batch&) = delete;

  /// Returns when it is said of each of `part`. Throws only where no request with them has left.
  /// `before`: a cancellation of the caller's that does not count.
  boost::asio::awaitable<void> run(boost::asio::cancellation_type before);

 private:
  using wish = protocol::batch_wish;

  struct known {
    known() = default;

    std::string text;          // what the server says of this id alone
    std::exception_ptr error;  // what the last request with it ended with
    std::optional<execution> found;
  };

  session::client_handle handle_;
  protocol::operation op_;
  std::span<batch_item> part_;
  clock::time_point ends_;
  std::vector<known> known_;
  int requests_ = 0;  // before the looks, which begin with it, as does the next
  bool key_renewed_ = false;
  protocol::batch_ending machine_;
  std::shared_ptr<session::execution_looks> looks_;
  session::call_setup request_;

  // Of the request under way.
  std::vector<std::size_t> ids_;
  std::optional<wish> instead_;  // nothing leaves, but this is to be done
  std::optional<protocol::request_end> end_;

  void leaves() override;
  void another_key();
  void ended(const session::attempt_result& result) override;

  boost::asio::awaitable<void> go(boost::asio::cancellation_type before);
  bool is_ended_by(boost::asio::cancellation_type type) const;
  boost::asio::awaitable<void> send();
  boost::asio::awaitable<void> wait(clock::time_point until);
  void take_looks();
  void request_failed(const std::exception_ptr& failure);
  void remember(const std::exception_ptr& failure);
  void give_up(const std::exception_ptr& why);
  std::vector<protocol::batch_answer> read(batch_result said);
  protocol::batch_answer read(batch_result& said, std::size_t id);
  void say(std::size_t id);
  void throw_if_nothing_left() const;
  error_context context() const;
  session::begun_operation begun() const;
};

}  // namespace mistral::workflows::api
