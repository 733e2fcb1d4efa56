#include "protocol/json/date_time.hpp"
#include "server/http/http_workflows.hpp"

#include <boost/test/unit_test.hpp>

#include <csignal>
#include <cstdio>
#include <filesystem>
#include <string>

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;

using namespace server_test;

namespace {

// A dev_server in a process of its own, until it is killed.
class server_process {
 public:
  explicit server_process(const std::filesystem::path& state) {
    int ends[2];
    BOOST_REQUIRE_EQUAL(::pipe(ends), 0);
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
    ::posix_spawn_file_actions_addclose(&actions, ends[0]);
    ::posix_spawn_file_actions_addclose(&actions, ends[1]);
    std::string program = DEV_SERVER;
    std::string folder = state.string();
    char http[] = "--http";
    char flag[] = "--state";
    char* arguments[] = {program.data(), http, flag, folder.data(), nullptr};
    BOOST_REQUIRE_EQUAL(::posix_spawn(&id_, program.c_str(), &actions, nullptr, arguments, environ), 0);
    ::posix_spawn_file_actions_destroy(&actions);
    ::close(ends[1]);
    output_ = ::fdopen(ends[0], "r");
    wait_until_ready();
  }

  ~server_process() {
    end(SIGKILL);
    ::fclose(output_);
  }

  server_process(const server_process&) = delete;
  server_process& operator=(const server_process&) = delete;

  /// Its exit status, or minus the signal that ended it.
  int end(int signal) {
    if (id_ == 0) return 0;
    int status = 0;
    ::kill(id_, signal);
    ::waitpid(id_, &status, 0);
    id_ = 0;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  }

  std::uint16_t port() const { return port_; }

 private:
  void wait_until_ready() {
    char line[1024];
    while (std::fgets(line, sizeof line, output_)) {
      const std::string text(line);
      if (text.starts_with("url "))
        port_ = static_cast<std::uint16_t>(std::stoi(text.substr(text.rfind(':') + 1)));
      if (text == "ready\n") return;
    }
    BOOST_FAIL("dev_server ended before it was ready");
  }

  pid_t id_ = 0;
  std::FILE* output_ = nullptr;
  std::uint16_t port_ = 0;
};

struct state_folder {
  state_folder() {
    std::string name = (std::filesystem::temp_directory_path() / "dev_server-XXXXXX").string();
    path = ::mkdtemp(name.data());
  }
  ~state_folder() { std::filesystem::remove_all(path); }
  state_folder(const state_folder&) = delete;
  state_folder& operator=(const state_folder&) = delete;

  std::filesystem::path path;
};

// What a reader of a ticker's stream has seen, over all of its connections.
struct seen_events {
  std::vector<std::int64_t> sequences;
  std::vector<std::int64_t> ticks;

  void add(const stream_item& event) {
    const boost::json::value payload = event.json();
    sequences.push_back(payload.at("broker_sequence").as_int64());
    if (event.event != "CUSTOM_TASK_IN_PROGRESS") return;
    ticks.push_back(payload.at("data").at("attributes").at("payload").at("value").at("tick").as_int64());
  }
};

constexpr int tick_count = 30;

mistral::workflows::timestamp at(const boost::json::value& instant) {
  return mistral::workflows::protocol::parse_timestamp(std::string(instant.as_string())).value();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(http_restart)

BOOST_AUTO_TEST_CASE(a_stream_goes_on_over_a_kill_and_no_event_comes_twice) {
  const state_folder folder;
  seen_events seen;
  for (int life = 0; life < 3; ++life) {
    server_process server(folder.path);
    raw_client client(server.port());
    if (life == 0) {
      const std::string input =
          R"({"execution_id": "t", "input": {"every_ms": 5, "count": )" + std::to_string(tick_count) + "}}";
      BOOST_REQUIRE_EQUAL(client.ask("POST", api + "/ticker/execute", input).status, 200);
    }
    const std::string last =
        seen.sequences.empty() ? "" : "?last_event_id=" + std::to_string(seen.sequences.back());
    client.request("GET", executions + "t/stream" + last);
    BOOST_REQUIRE_EQUAL(client.head().status, 200);
    int here = 0;
    while (life == 2 || here < 8) {
      const std::optional<stream_item> event = client.next_event();
      if (!event) break;
      seen.add(*event);
      ++here;
    }
    BOOST_TEST(here >= 8);
    if (life < 2) BOOST_TEST(server.end(SIGKILL) == -SIGKILL);
    if (life < 2) continue;
    BOOST_TEST(client.ended() == seen_end::whole);
    BOOST_TEST(client.ask("GET", executions + "t").json().at("status") == "COMPLETED");
  }
  BOOST_TEST(std::is_sorted(seen.sequences.begin(), seen.sequences.end(), std::less_equal<>()));
  // The starts and ends of execution and task around the ticks.
  BOOST_TEST(seen.sequences.size() == static_cast<std::size_t>(tick_count + 4));
  std::vector<std::int64_t> expected;
  for (int tick = 1; tick <= tick_count; ++tick) expected.push_back(tick);
  BOOST_TEST(seen.ticks == expected);
}

BOOST_AUTO_TEST_CASE(a_log_stream_goes_on_over_a_kill_and_no_line_comes_twice) {
  const state_folder folder;
  std::vector<std::string> lines;
  std::string last;
  for (int life = 0; life < 3; ++life) {
    server_process server(folder.path);
    raw_client client(server.port());
    if (life == 0) {
      const std::string input =
          R"({"execution_id": "t", "input": {"every_ms": 5, "count": )" + std::to_string(tick_count) + "}}";
      BOOST_REQUIRE_EQUAL(client.ask("POST", api + "/ticker/execute", input).status, 200);
    }
    client.request("GET", executions + "t/logs/stream", "",
                   last.empty() ? "" : "Last-Event-ID: " + last + "\r\n");
    BOOST_REQUIRE_EQUAL(client.head().status, 200);
    for (int here = 0; life == 2 || here < 8; ++here) {
      const std::optional<stream_item> line = client.next_event();
      if (!line) break;
      lines.emplace_back(line->json().at("body").as_string());
      last = line->id;
    }
    if (life < 2) BOOST_TEST(server.end(SIGKILL) == -SIGKILL);
  }
  std::vector<std::string> expected;
  for (int tick = 1; tick <= tick_count; ++tick) expected.push_back("tick " + std::to_string(tick));
  BOOST_TEST(lines == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(what_was_changed_about_a_workflow_survives_a_kill) {
  const state_folder folder;
  for (int life = 0; life < 2; ++life) {
    server_process server(folder.path);
    raw_client client(server.port());
    if (life == 0) {
      BOOST_TEST(client.ask("PUT", api + "/ticker", R"({"display_name": "Metronome"})").status == 200);
      BOOST_TEST(client.ask("PUT", api + "/ticker/archive").status == 200);
      BOOST_TEST(server.end(SIGKILL) == -SIGKILL);
      continue;
    }
    const boost::json::value shown = client.ask("GET", api + "/ticker").json();
    BOOST_TEST(shown.at("workflow").at("display_name") == "Metronome");
    BOOST_TEST(shown.at("workflow").at("archived") == true);
  }
}

BOOST_AUTO_TEST_CASE(a_schedule_goes_on_over_a_kill_and_starts_nothing_twice) {
  const state_folder folder;
  std::string last;
  for (int life = 0; life < 2; ++life) {
    server_process server(folder.path);
    raw_client client(server.port());
    if (life == 0) {
      const std::string schedule = R"({"workflow_identifier": "echo", "schedule_id": "s",
          "schedule": {"input": {}, "intervals": [{"every": "PT1S"}], "policy": {"overlap": 6}}})";
      BOOST_REQUIRE_EQUAL(client.ask("POST", api + "/schedules", schedule).status, 201);
    }
    raw_client stream(server.port());
    stream.request("GET", api + "/events/stream?workflow_event_types=WORKFLOW_EXECUTION_STARTED" +
                              (last.empty() ? "" : "&start_seq=" + std::to_string(std::stoll(last) + 1)));
    BOOST_REQUIRE_EQUAL(stream.head().status, 200);
    const std::optional<stream_item> started = stream.next_event();
    BOOST_REQUIRE(started);
    BOOST_TEST(started->json().at("data").at("schedule_id") == "s");
    last = started->id;
    if (life == 0) {
      BOOST_TEST(server.end(SIGKILL) == -SIGKILL);
      continue;
    }
    // One second after the other, none left out and none twice.
    const auto shown = client.ask("GET", api + "/schedules/s").json();
    const auto& recent = shown.at("recent_executions").as_array();
    BOOST_TEST(recent.size() >= 2u);
    for (std::size_t i = 0; i < recent.size(); ++i)
      BOOST_TEST(
          (at(recent[i].at("scheduled_at")) - at(recent[0].at("scheduled_at")) == std::chrono::seconds(i)));
    const auto runs = client.ask("GET", api + "/runs?page_size=100").json();
    BOOST_TEST(runs.at("executions").as_array().size() == recent.size());
  }
}

BOOST_AUTO_TEST_CASE(a_termination_signal_ends_it_cleanly) {
  const state_folder folder;
  server_process server(folder.path);
  raw_client client(server.port());
  BOOST_TEST(client.ask("GET", api).status == 200);
  BOOST_TEST(server.end(SIGTERM) == 0);
}

BOOST_AUTO_TEST_SUITE_END()
