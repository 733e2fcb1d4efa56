// The library's main job in one program: start a workflow, follow
// it through a cut connection, talk to it, take its result.
//
//   quickstart                  against a local server that it starts itself
//   quickstart --real WORKFLOW  against the real API, with
//   MISTRAL_API_KEY; nothing is cut, and the workflow is only followed
#include "sample_workflows.hpp"

#include <mistral/workflows.hpp>
#include <mistral/workflows/testing/local_server.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/describe/class.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value_to.hpp>

#include <exception>
#include <iostream>
#include <set>
#include <stdexcept>
#include <string>
#include <variant>

namespace asio = boost::asio;
namespace json = boost::json;
namespace wf = mistral::workflows;

namespace {

// The result of the support workflow, as this program wants it.
struct reply {
  std::string ticket;
  std::string reply;
  std::string approved_by;
  std::string priority;
};
BOOST_DESCRIBE_STRUCT(reply, (), (ticket, reply, approved_by, priority))

struct summary {
  int events = 0;
  int reconnects = 0;
  int duplicates = 0;
  std::string status;
};

void require(bool holds, const char* what) {
  if (!holds) throw std::runtime_error(std::string("not as expected: ") + what);
}

wf::stream_options counting(summary& counts) {
  wf::stream_options options;
  options.hooks.resumed = [&counts](const std::string& cursor) {
    ++counts.reconnects;
    std::cout << "  (the connection was cut; going on after event " << cursor << ")\n";
  };
  return options;
}

bool waits_for_approval(const wf::workflow_event& event) {
  const auto* task = std::get_if<wf::custom_task_started>(&event.attributes);
  return task != nullptr && task->custom_task_type == "approval";
}

asio::awaitable<void> approve(wf::client client, std::string id) {
  const wf::query_answer status = co_await client.executions().query(id, wf::query_request("status"));
  std::cout << "query status: " << json::serialize(status.result) << '\n';
  require(status.result.at("phase").as_string() == "waiting for approval", "the phase that the query tells");

  json::object urgent;
  urgent["priority"] = "high";
  const wf::update_answer updated =
      co_await client.executions().update(id, wf::update_request("set_priority", urgent));
  std::cout << "update set_priority: " << json::serialize(updated.result) << '\n';

  json::object by;
  by["by"] = "Grace";
  const wf::signal_answer signalled =
      co_await client.executions().signal(id, wf::signal_request("approve", by));
  std::cout << "signal approve: " << signalled.message << '\n';
}

asio::awaitable<void> follow(wf::client client, std::string id, bool local, summary& counts) {
  std::set<std::int64_t> seen;
  auto events = client.executions().stream(id, counting(counts));
  while (auto event = co_await events.next()) {
    ++counts.events;
    if (!seen.insert(event->broker_sequence).second) ++counts.duplicates;
    std::cout << "  " << event->broker_sequence << ' ' << event->type() << '\n';
    if (local && waits_for_approval(event->data)) co_await approve(client, id);
  }
}

asio::awaitable<void> run(wf::client client, std::string workflow, bool local, summary& counts) {
  const wf::workflow_page page = co_await client.workflows().list();
  std::cout << "workflows:";
  for (const auto& known : page.workflows) std::cout << ' ' << known.name;
  std::cout << '\n';

  json::object input;
  if (local) input["ticket"] = "T-1001";
  const wf::started_execution started =
      co_await client.workflows().execute(workflow, wf::execute_request(input));
  std::cout << "started " << started.execution_id << '\n';

  co_await follow(client, started.execution_id, local, counts);
  const json::value result = co_await client.executions().result(started.execution_id);
  const wf::execution ended = co_await client.executions().get(started.execution_id);
  counts.status = ended.status->text();
  if (!local) {
    std::cout << "result: " << json::serialize(result) << '\n';
    co_return;
  }
  const auto typed = json::value_to<reply>(result);
  std::cout << "result: " << typed.ticket << " answered with \"" << typed.reply << "\", priority "
            << typed.priority << ", approved by " << typed.approved_by << '\n';
  require(typed.ticket == "T-1001" && typed.priority == "high" && typed.approved_by == "Grace", "the result");
}

void print(const summary& counts) {
  std::cout << "summary: events received " << counts.events << ", reconnects " << counts.reconnects
            << ", duplicates " << counts.duplicates << ", status " << counts.status << '\n';
}

void run_to_end(asio::io_context& io, asio::awaitable<void> program) {
  std::exception_ptr failure;
  asio::co_spawn(io, std::move(program),
                 [&failure](std::exception_ptr thrown) { failure = std::move(thrown); });
  io.run();
  if (failure) std::rethrow_exception(failure);
}

void run_locally() {
  namespace testing = wf::testing;
  testing::local_server_options server_options;
  server_options.api_key = "quickstart";
  server_options.workflows = sample::workflows();
  testing::local_server server(server_options);
  const auto cut = server.faults().add(
      testing::fault().on("executions.stream").cut_stream_after(7, testing::ending::reset));
  std::cout << "local server at " << server.url() << '\n';

  wf::client_options options;
  options.server_url = server.url();
  options.tls.ca_pem = server.ca_pem();
  options.api_key = "quickstart";
  asio::io_context io;
  summary counts;
  run_to_end(io, run(wf::client(io, options), "support-workflow", true, counts));
  print(counts);
  require(cut.struck() == 1 && counts.reconnects >= 1, "a reconnect after the cut");
  require(counts.duplicates == 0, "no event twice");
  require(counts.events == 20, "all 20 events");
  require(counts.status == "COMPLETED", "the status");
}

void run_for_real(const std::string& workflow) {
  asio::io_context io;
  summary counts;
  run_to_end(io, run(wf::client(io), workflow, false, counts));
  print(counts);
  require(counts.duplicates == 0, "no event twice");
}

}  // namespace

int main(int count, char** arguments) {
  try {
    if (count == 1) {
      run_locally();
    } else if (count == 3 && std::string(arguments[1]) == "--real") {
      run_for_real(arguments[2]);
    } else {
      std::cerr << "usage: quickstart [--real WORKFLOW]\n";
      return 2;
    }
    return 0;
  } catch (const std::exception& e) {
    std::cerr << "quickstart: " << e.what() << '\n';
    return 1;
  }
}
