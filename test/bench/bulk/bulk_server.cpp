#include "bulk_server.hpp"

#include <mistral/workflows.hpp>
#include <mistral/workflows/testing/local_server.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <signal.h>
#include <sys/types.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <iostream>
#include <memory>
#include <mutex>
#include <sstream>
#include <thread>
#include <utility>

namespace bulk_bench {

namespace asio = boost::asio;
namespace json = boost::json;
namespace wf = mistral::workflows;
namespace wft = mistral::workflows::testing;
using namespace std::chrono_literals;

namespace {

const std::string foreign_id = "foreign";

/// Acts on executions from outside of the batch, as another program would.
class outsider {
 public:
  explicit outsider(const wft::local_server& server)
      : client_(io_, options_for(server)), keep_(io_.get_executor()) {
    thread_ = std::thread([this] { io_.run(); });
  }
  ~outsider() {
    io_.stop();
    thread_.join();
  }
  outsider(const outsider&) = delete;
  outsider& operator=(const outsider&) = delete;

  void start_foreign() { asio::co_spawn(io_, start(client_), asio::detached); }
  void terminate(const std::string& id) { asio::co_spawn(io_, end(client_, id), asio::detached); }
  std::int64_t requests() const { return static_cast<std::int64_t>(client_.stats().attempts); }

 private:
  static wf::client_options options_for(const wft::local_server& server) {
    wf::client_options options;
    options.server_url = server.url();
    options.tls.ca_pem = server.ca_pem();
    options.api_key = "outsider";
    return options;
  }
  static asio::awaitable<void> start(wf::client client) {
    json::object input;
    input["fate"] = foreign_id;
    wf::execute_request request(input);
    request.execution_id = foreign_id;
    co_await client.workflows().execute("job", request);
  }
  static asio::awaitable<void> end(wf::client client, std::string id) {
    co_await client.executions().terminate(id);
  }

  asio::io_context io_;
  wf::client client_;
  asio::executor_work_guard<asio::io_context::executor_type> keep_;
  std::thread thread_;
};

/// What the workflow needs besides its input. On the server's
/// thread, but for `helper`, which is set before the first job.
struct world {
  explicit world(int events) : foreign_events(events) {}

  const int foreign_events;
  std::int64_t begun = 0;
  std::int64_t emitted = 0;
  outsider* helper = nullptr;
};

/// Makes events like those of jobs that end, so many for each job that has
/// begun. A new run now and then: what a run did is kept as long as it goes on.
asio::awaitable<json::value> be_foreign(wft::workflow_context context, std::shared_ptr<world> around) {
  json::object payload;
  payload["type"] = "json";
  payload["value"] = "none of your business";
  json::object attributes;
  attributes["task_id"] = "elsewhere";
  attributes["result"] = std::move(payload);
  attributes["attempt"] = 1;
  for (int sent = 0; sent < 1000;) {
    const std::int64_t owed = around->begun * around->foreign_events - around->emitted;
    for (std::int64_t left = std::min<std::int64_t>(owed, 500); left > 0; --left, ++sent, ++around->emitted)
      context.emit_event("WORKFLOW_EXECUTION_COMPLETED", attributes);
    co_await context.sleep_for(20ms);
  }
  context.continue_as_new(context.input());
  co_return nullptr;
}

asio::awaitable<json::value> run_job(wft::workflow_context context, std::shared_ptr<world> around) {
  const json::object& input = context.input().as_object();
  const std::string fate(input.at("fate").as_string());
  if (fate == foreign_id) {
    json::value nothing = co_await be_foreign(context, around);
    co_return nothing;
  }
  ++around->begun;
  const std::chrono::microseconds time(input.at("us").as_int64());
  co_await context.sleep_for(time);
  if (fate == "fails") throw wft::workflow_failure("it was to fail", true);
  if (fate == "terminated") {
    around->helper->terminate(context.execution_id());
    co_await context.wait_signal("never");
  }
  co_return std::string(static_cast<std::size_t>(input.at("size").to_number<std::int64_t>()), 'r');
}

/// Kills a process at a start.
class killer {
 public:
  void arm(pid_t process, int starts) {
    std::lock_guard lock(mutex_);
    process_ = process;
    left_ = starts;
  }
  void started() {
    std::lock_guard lock(mutex_);
    if (left_ == 0 || --left_ > 0) return;
    // It may be gone, and its parent has not waited for it: the number is nobody else's.
    if (::kill(process_, SIGKILL) == 0) ++kills_;
  }
  std::int64_t kills() const {
    std::lock_guard lock(mutex_);
    return kills_;
  }

 private:
  mutable std::mutex mutex_;
  pid_t process_ = 0;
  int left_ = 0;
  std::int64_t kills_ = 0;
};

json::object times_of(const wft::local_server& server) {
  json::object out;
  for (const auto& [id, times] : server.done_by_execution("started"))
    if (id != foreign_id) out[id] = times;
  return out;
}

json::object counts_of(const wft::local_server& server, const outsider& helper) {
  std::int64_t ids = 0, twice = 0, requests = 0;
  for (const auto& [id, times] : server.done_by_execution("started")) {
    if (id == foreign_id) continue;
    ++ids;
    twice += times > 1 ? 1 : 0;
  }
  const wft::server_counts seen = server.counts();
  json::object by_operation;
  for (const auto& [operation, times] : seen.requests) {
    requests += times;
    by_operation[operation] = times;
  }
  json::object out;
  out["ids"] = ids;
  out["started_twice"] = twice;
  out["requests"] = requests - helper.requests();
  out["by_operation"] = std::move(by_operation);
  out["stream_events"] = seen.stream_events;
  return out;
}

wft::local_server_options options_for(const server_settings& wanted, const std::shared_ptr<world>& around,
                                      const std::shared_ptr<killer>& kills) {
  wft::local_server_options options;
  options.port = wanted.port;
  options.ca_file = std::filesystem::path(wanted.ca_folder) / "ca.pem";
  const auto code = [around](wft::workflow_context context) { return run_job(std::move(context), around); };
  options.workflows.emplace_back("job", code);
  options.on_carried_out = [kills](const wft::seen_request& request, int status) {
    if (request.operation == "workflows.execute" && status == 200) kills->started();
  };
  return options;
}

void answer(const json::value& what) { std::cout << json::serialize(what) << std::endl; }

}  // namespace

int serve(const server_settings& wanted) {
  const auto around = std::make_shared<world>(wanted.foreign_events);
  const auto kills = std::make_shared<killer>();
  wft::local_server server(options_for(wanted, around, kills));
  outsider helper(server);
  around->helper = &helper;
  if (wanted.foreign_events > 0) helper.start_foreign();
  std::cout << "ready " << server.port() << std::endl;
  for (std::string line; std::getline(std::cin, line);) {
    std::istringstream words(line);
    std::string command;
    words >> command;
    if (command == "counts") answer(counts_of(server, helper));
    if (command == "done") answer(times_of(server));
    if (command == "kill") {
      pid_t process = 0;
      int starts = 0;
      words >> process >> starts;
      kills->arm(process, starts);
    }
    if (command == "kills") {
      json::object out;
      out["kills"] = kills->kills();
      answer(out);
    }
  }
  server.stop();
  return 0;
}

}  // namespace bulk_bench
