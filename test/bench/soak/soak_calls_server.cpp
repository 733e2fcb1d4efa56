#include "soak_calls_server.hpp"

#include <mistral/workflows/testing/local_server.hpp>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <iostream>
#include <map>
#include <optional>
#include <random>
#include <string>

namespace soak {
namespace {

namespace asio = boost::asio;
namespace json = boost::json;
namespace wft = mistral::workflows::testing;
using namespace std::chrono_literals;

asio::awaitable<json::value> echo(wft::workflow_context context) { co_return context.input(); }

// Waits for the signal "go"; query "state", update "set".
asio::awaitable<json::value> gate(wft::workflow_context context) {
  const auto state = std::make_shared<json::value>("closed");
  context.on_query("state", [state](const json::value&) { return *state; });
  context.on_update("set", [state](const json::value& input) { return *state = input; });
  json::value by = co_await context.wait_signal("go");
  co_return by;
}

wft::local_server_options options_for(const settings& wanted) {
  wft::local_server_options options;
  options.port = wanted.port;
  options.state_folder = wanted.state_folder;
  options.ca_file = std::filesystem::path(wanted.ca_folder) / "ca.pem";
  options.workflows.emplace_back("echo", echo);
  wft::workflow_definition waiting("gate", gate);
  waiting.signal_handlers.emplace_back("go");
  waiting.queries.emplace_back("state");
  waiting.updates.emplace_back("set");
  options.workflows.push_back(std::move(waiting));
  return options;
}

/// Every kind of fault, each at random.
class misbehaviour {
 public:
  misbehaviour(wft::local_server& server, std::uint64_t seed) : server_(server), random_(seed) {
    constexpr double often = 0.008;
    add("closed before", any(often).close_before_processing());
    add("closed after", any(often).close_after_processing());
    add("head cut", any(often).cut_answer(25));
    add("body cut", any(often).cut_body(3));
    add("slow", any(often).delay_answer(150ms));
    add("408", any(often).answer(408));
    add("429", any(often).answer(429));
    add("500", any(often).answer(500, "WF_1600"));
    add("502", any(often).html_page(502));
    add("503", any(often).answer(503));
    add("503 with Retry-After", any(often * 0.75).answer(503).retry_after(1s));
    add("504", any(often).answer(504, "WF_1103"));
    add("closed while idle", any(often).close_after_answer());
    add("connection: close", any(often).connection_close());
    // Whatever is not answered is over at its deadline, so that this kind strikes calls that may fail.
    for (const char* once : {"executions.signal", "executions.update"})
      add("not answered", any(0.05).on(once).stall(0));
  }

  // The delay gathers calls, so that they are hit at once and
  // not one after the other has closed the client's gate.
  void burst() {
    burst_ = server_.faults().add(wft::fault().times(0).delay(400ms).answer(429).retry_after(1s));
  }

  void calm() {
    if (!burst_) return;
    burst_->remove();
    bursts_.emplace_back(burst_->struck());
    burst_.reset();
  }

  void quiet() {
    calm();
    for (auto& [kind, handles] : handles_)
      for (wft::fault_handle& one : handles) one.remove();
  }

  json::object report() const {
    json::object out;
    json::object kinds;
    for (const auto& [kind, handles] : handles_) {
      std::int64_t count = 0;
      for (const wft::fault_handle& one : handles) count += one.struck();
      kinds[kind] = count;
    }
    const wft::server_counts seen = server_.counts();
    kinds["handshake broken"] = seen.handshakes_failed;
    out["struck"] = std::move(kinds);
    out["bursts"] = bursts_;
    out["connections_open"] = seen.connections_open;
    return out;
  }

 private:
  wft::local_server& server_;
  std::mt19937_64 random_;
  std::map<std::string, std::vector<wft::fault_handle>> handles_;
  std::optional<wft::fault_handle> burst_;
  json::array bursts_;

  wft::fault any(double chance) { return wft::fault().times(0).chance(chance, random_()); }
  void add(const std::string& kind, const wft::fault& one) {
    handles_[kind].push_back(server_.faults().add(one));
  }
};

json::object times_of(const std::map<std::string, std::int64_t, std::less<>>& by_execution) {
  json::object out;
  for (const auto& [id, times] : by_execution) out[id] = times;
  return out;
}

// By execution id, since the first life of the server.
json::object done_by(const wft::local_server& server) {
  auto ended = server.done_by_execution("executions.cancel");
  for (const auto& [id, times] : server.done_by_execution("executions.terminate")) ended[id] += times;
  json::object out;
  out["started"] = times_of(server.done_by_execution("started"));
  out["ended"] = times_of(ended);
  return out;
}

}  // namespace

int serve_calls(const settings& wanted) {
  wft::local_server server(options_for(wanted));
  misbehaviour faults(server, wanted.seed);
  std::cout << "ready " << server.port() << std::endl;
  for (std::string line; std::getline(std::cin, line);) {
    if (line == "burst") faults.burst();
    if (line == "calm") faults.calm();
    if (line == "break") server.break_handshakes(4);
    if (line == "quiet") faults.quiet();
    if (line == "counts") std::cout << json::serialize(faults.report()) << std::endl;
    if (line == "done") std::cout << json::serialize(done_by(server)) << std::endl;
  }
  return 0;
}

}  // namespace soak
