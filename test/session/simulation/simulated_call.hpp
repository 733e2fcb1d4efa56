// One call of the public client, with its real attempts
// over memory, against the server of the model of calls.
// Judges nothing: it writes down what came to the server, what it answered and how the call ended.
#pragma once

#include "protocol/calls/model_history.hpp"
#include "protocol/calls/model_server.hpp"
#include "random.hpp"
#include "session/script.hpp"

#include <mistral/workflows/client_options.hpp>
#include <mistral/workflows/error.hpp>
#include <mistral/workflows/workflows.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>

#include <chrono>
#include <exception>
#include <memory>
#include <string>

namespace simulation {

namespace wf = mistral::workflows;

class simulated_call {
 public:
  simulated_call(boost::asio::io_context& io, test::random_source& random, call_model::history& past);

  /// From the call's beginning to its end, and the time after it
  /// in which late requests still arrive. False: it did not end.
  bool run();

 private:
  using instant = call_model::instant;
  using handle = std::shared_ptr<const wf::session::client_handle>;

  boost::asio::io_context& io_;
  test::random_source& random_;
  call_model::history& past_;
  call_model::server model_;
  test::script server_;
  const std::chrono::steady_clock::time_point began_;
  double refuses_ = 0;  // how often a connection is
  int keys_ = 0;
  instant cancelled_at_ = call_model::never;
  instant gate_opens_ = 0;

  instant now() const;
  wf::client_options options();
  handle client();

  boost::asio::awaitable<void> call(handle by);
  boost::asio::awaitable<void> start(handle by);

  test::script::said answer(const std::string& request);
  test::script::said bytes_of(const call_model::reply& said, const std::string& request, instant after) const;
  std::string success(const call_model::reply& said, const std::string& request) const;
  std::string shown(const call_model::reply& said, const std::string& request) const;
  std::string date(instant at) const;
  std::string timestamp(instant at) const;

  instant not_as_it_ends(instant back) const;
  void gate_closes(const call_model::reply& said, instant at);
  void note(bool is_look, const call_model::reply& said);
  void ended(const std::exception_ptr& failure);
  void ended_with(const wf::error& failure);
};

}  // namespace simulation
