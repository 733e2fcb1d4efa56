// The requests of one call: does what the machine of the call wishes, and tells it what became of that.
// Decides nothing itself (protocol/calls/machine.hpp), and knows no operation (call_subject.hpp).
#pragma once

#include "protocol/calls/machine.hpp"
#include "session/call/attempt.hpp"
#include "session/call/call.hpp"

#include <chrono>
#include <memory>
#include <optional>

namespace mistral::workflows::session {

/// Of the retry budget, as far as these calls keep to it.
bool take_token(const client_handle& handle);

/// In the frame of its operation's task. All that it is made with outlives it.
class call_run {
 public:
  call_run(const call_setup& setup, answer_reader& reader, call_control& control, attempt_means& means);

  /// Returns when the reader has read the call's answer. Throws what the
  /// call ends with. What `means` still holds then is to be given back.
  task<void> run();

 private:
  using wish = protocol::wish;

  const call_setup& setup_;
  const client_handle& handle_;
  client_state& state_;
  answer_reader& reader_;
  call_control& control_;
  attempt_means& means_;
  protocol::call_machine machine_;
  std::optional<attempt_watch> watch_;  // of the request that is prepared or under way
  std::unique_ptr<protocol::request> look_;
  std::string bytes_;                     // of the request that is prepared or under way
  attempt_result result_;                 // of the request under way, or the last one
  std::unique_ptr<attempt_result> told_;  // what an error is to tell of
  std::optional<admission::clock::time_point> refused_until_;
  bool counted_ = false;  // the request that is prepared, among the attempts

  task<wish> prepare(wish what);
  task<wish> take_turn();
  task<wish> get_key();
  task<wish> get_connection();
  task<wish> send();
  task<wish> look();
  task<wish> pause(wish what);
  wish stop(boost::system::error_code why);
  void finish(const wish& end);

  bool needs_turn() const;
  std::optional<std::chrono::milliseconds> patience() const;
  void begin_request();
  void request_ended();
  void tell_watch(boost::system::error_code failure);
  void watch_request();
  void write_request();
  void account();
  void keep_told();
  protocol::named_id read_answer();
  const protocol::request& wished_request();
  protocol::moment now_after(bool well) const;
  static protocol::moment ended(const attempt_result& result);
  [[noreturn]] void fail(const attempt_result& result) const;
};

}  // namespace mistral::workflows::session
