#include "session/follow/scripted_host.hpp"

#include <mistral/workflows/error.hpp>
#include <mistral/workflows/log_stream.hpp>

#include <boost/test/unit_test.hpp>

namespace {

using namespace scripted;

wf::log_stream open_log(std::shared_ptr<host> server, wf::stream_options options = quick()) {
  return wf::log_stream(std::make_shared<session::stream_session<wf::log_record>>(
      std::move(server), execution_log(), std::move(options)));
}

std::string record(int number, bool with_id = true) {
  const std::string text = std::to_string(number);
  return (with_id ? "id: l" + text + "\n" : std::string()) +
         R"(event: log
data: {"timestamp":"2026-01-01T00:00:00Z","trace_id":"t","span_id":"s","severity_text":"INFO","body":")" +
         text + R"(","log_attributes":{"n":")" + text + "\"}}\n\n";
}

std::string records(int from, int to, bool with_id = true) {
  std::string out;
  for (int n = from; n <= to; ++n) out += record(n, with_id);
  return out;
}

// The bodies of all records up to the end of the stream.
std::vector<std::string> read_to_the_end(asio::io_context& context, const std::shared_ptr<host>& server,
                                         wf::stream_options options = quick()) {
  std::vector<std::string> got;
  auto log = open_log(server, std::move(options));
  auto story = [&]() -> asio::awaitable<void> {
    while (auto one = co_await log.next()) got.push_back(one->body);
    BOOST_TEST(log.ended());
    BOOST_TEST(server->open_connections == 0);
  };
  run(context, story());
  return got;
}

const std::vector<std::string> all_five = {"1", "2", "3", "4", "5"};

}  // namespace

BOOST_AUTO_TEST_SUITE(a_log_stream)

BOOST_AUTO_TEST_CASE(delivers_each_record_once_and_in_order_wherever_it_is_cut) {
  const std::string whole = records(1, 5);
  for (const finish how : {finish::clean, finish::reset, finish::truncated}) {
    for (std::size_t cut = 0; cut < whole.size(); cut += 13) {
      asio::io_context context;
      auto server = std::make_shared<host>(context);
      server->answer = [&, ids = &server->last_event_ids](const std::string&, int number) {
        if (number == 1) return act(whole.substr(0, cut), how);
        const std::string& id = ids->back();
        return act(records(id.empty() ? 1 : std::stoi(id.substr(1)) + 1, 5), finish::open);
      };
      server->look = [](const std::string&, int) { return ended(); };
      auto options = quick();
      options.status_check = options.drain_time = std::chrono::milliseconds(2);
      BOOST_TEST((read_to_the_end(context, server, options) == all_five));
    }
  }
}

BOOST_AUTO_TEST_CASE(drops_records_that_the_server_repeats_after_a_resume) {
  asio::io_context context;
  auto server = std::make_shared<host>(context);
  server->answer = [](const std::string&, int number) {
    return number == 1 ? act(records(1, 3), finish::reset) : act(records(2, 5), finish::open);
  };
  server->look = [](const std::string&, int) { return ended(); };
  BOOST_TEST((read_to_the_end(context, server) == all_five));
}

BOOST_AUTO_TEST_CASE(delivers_records_without_ids_at_least_once_and_ends_all_the_same) {
  asio::io_context context;
  auto server = std::make_shared<host>(context);
  server->answer = [](const std::string&, int number) {
    return number == 1 ? act(records(1, 3, false), finish::reset) : act(records(1, 5, false), finish::open);
  };
  server->look = [](const std::string&, int) { return ended(); };
  const auto got = read_to_the_end(context, server);
  for (const auto& body : all_five) BOOST_TEST(std::count(got.begin(), got.end(), body) >= 1);
}

BOOST_AUTO_TEST_CASE(ends_with_its_execution_when_the_log_is_silent_and_not_before) {
  asio::io_context context;
  auto server = std::make_shared<host>(context);
  server->answer = [&](const std::string&, int number) {
    if (number == 1) return act(records(1, 2), finish::open);
    return act(number == 2 ? records(3, 5) : "", finish::open);
  };
  server->look = [](const std::string&, int number) { return number < 2 ? running() : ended(); };
  auto options = quick();
  options.idle_limit = std::chrono::hours(1);
  BOOST_TEST((read_to_the_end(context, server, options) == all_five));
  BOOST_TEST(server->looks == 3);  // the last, behind the silence, asks once more for the run
  BOOST_TEST((server->last_event_ids == std::vector<std::string>{"", "l2"}));
}

BOOST_AUTO_TEST_CASE(gives_a_record_that_does_not_fit_as_the_text_it_came_as) {
  asio::io_context context;
  auto server = std::make_shared<host>(context);
  server->answer = [](const std::string&, int number) {
    return act(number == 1 ? "id: l1\nevent: log\ndata: {\"body\":7}\n\nid: l2\ndata: no JSON\n\n" : "",
               finish::open);
  };
  server->look = [](const std::string&, int) { return ended(); };
  const auto got = read_to_the_end(context, server);
  BOOST_TEST((got == std::vector<std::string>{R"({"body":7})", "no JSON"}));
}

BOOST_AUTO_TEST_CASE(throws_an_error_event_with_the_cursor) {
  asio::io_context context;
  auto server = std::make_shared<host>(context);
  server->answer = [](const std::string&, int) {
    return act(record(1) + "event: error\ndata: {\"error\":\"gone\",\"reason\":\"too old\"}\n\n",
               finish::open);
  };
  auto log = open_log(server);
  auto story = [&]() -> asio::awaitable<void> {
    BOOST_TEST((co_await log.next())->cursor() == "l1");
    co_await log.next();
  };
  BOOST_CHECK_EXCEPTION(run(context, story()), wf::stream_failure, [](const wf::stream_failure& e) {
    return e.code() == wf::errc::stream_failed && e.cursor() == "w1:exec-1:l1" &&
           e.operation() == "executions.stream_logs" &&
           std::string_view(e.what()).find("gone: too old") != std::string_view::npos;
  });
}

BOOST_AUTO_TEST_SUITE_END()
