// Every number among the options at its largest, at zero and at one, and a call each time.
#include "session/client/option_checks.hpp"
#include "session/follow/scripted_host.hpp"
#include "session/script.hpp"

#include <mistral/workflows/executions.hpp>
#include <mistral/workflows/workflows.hpp>

#include <boost/test/unit_test.hpp>

#include <functional>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

using namespace mistral::workflows;
using boost::asio::awaitable;
using std::chrono::milliseconds;

namespace {

const std::string running = test::execution_json(test::asked_id, "RUNNING", "2026-01-01T00:00:00Z");
const std::string completed = test::execution_json(test::asked_id, "COMPLETED", "2026-01-01T00:00:00Z");

// What may come of an option with such a value.
enum class outcome {
  works,
  refused,  // by name
  limits,   // works, or ends a call as the limit that it is
};

template <class Options>
struct row {
  std::string name;
  std::function<void(Options&, int which)> set;  // which: 0, 1 or, for the largest, 2
  outcome zero, one, largest;
};

template <class T>
T value_for(int which) {
  if constexpr (std::is_same_v<T, milliseconds>)
    return which == 2 ? milliseconds::max() : milliseconds(which);
  else
    return which == 2 ? std::numeric_limits<T>::max() : static_cast<T>(which);
}

template <class Options, class T>
row<Options> number(std::string name, T Options::* member, outcome zero, outcome one, outcome largest) {
  row<Options> out;
  out.name = std::move(name);
  out.set = [member](Options& o, int which) { o.*member = value_for<T>(which); };
  out.zero = zero;
  out.one = one;
  out.largest = largest;
  return out;
}

template <class Options, class Part, class T>
row<Options> number_in(std::string name, Part Options::* part, T Part::* member, outcome zero, outcome one,
                       outcome largest) {
  row<Options> out;
  out.name = std::move(name);
  out.set = [part, member](Options& o, int which) { o.*part.*member = value_for<T>(which); };
  out.zero = zero;
  out.one = one;
  out.largest = largest;
  return out;
}

using o = client_options;
using enum outcome;

const row<client_options> client_rows[] = {
    number("call_deadline", &o::call_deadline, refused, limits, works),
    number("handler_deadline", &o::handler_deadline, refused, limits, works),
    number("connect_limit", &o::connect_limit, refused, limits, works),
    number("stream_idle_limit", &o::stream_idle_limit, refused, works, works),
    number("idle_connection_limit", &o::idle_connection_limit, refused, works, works),
    number("connection_lifetime", &o::connection_lifetime, refused, works, works),
    number("max_connections", &o::max_connections, refused, works, works),
    number("max_streams", &o::max_streams, works, works, works),
    number("max_body", &o::max_body, refused, limits, works),
    number("max_header", &o::max_header, refused, limits, works),
    number("max_json_depth", &o::max_json_depth, refused, limits, works),
    number_in("retry.max_attempts", &o::retry, &retry_options::max_attempts, refused, limits, refused),
    number_in("retry.max_backoff", &o::retry, &retry_options::max_backoff, refused, works, works),
    number_in("retry.max_retry_after", &o::retry, &retry_options::max_retry_after, works, works, works),
    number_in("retry.look_distance", &o::retry, &retry_options::look_distance, refused, works, refused),
    number_in("retry_budget.capacity", &o::retry_budget, &retry_budget_options::capacity, works, works,
              works),
    number_in("retry_budget.per_success", &o::retry_budget, &retry_budget_options::per_success, works, works,
              refused),
    number_in("retry_budget.per_second", &o::retry_budget, &retry_budget_options::per_second, works, works,
              refused),
    number_in("rate.requests_per_second", &o::rate, &rate_options::requests_per_second, works, limits,
              refused),
    number_in("rate.burst", &o::rate, &rate_options::burst, refused, works, refused),
    number_in("rate.max_in_flight", &o::rate, &rate_options::max_in_flight, works, works, works),
};

struct fixture {
  boost::asio::io_context io;
  test::script server{io};

  // A server that is busy once: what waits between attempts is used too.
  std::string busy_once(const std::string& request) {
    if (++asked == 1) return test::answer_bytes(503, "Retry-After: 0\r\n", "{}");
    if (request.starts_with("POST") && request.find("/queries") != std::string::npos)
      return test::answer_bytes(200, std::string(), R"({"query_name":"q","result":1})");
    return test::answer_bytes(200, std::string(),
                              test::execution_json(test::id_of(request), "RUNNING", "2026-01-01T00:00:00Z"));
  }
  void serve() {
    asked = 0;
    server.connections = 0;
    server.otherwise = [this](const std::string& request) { return busy_once(request); };
  }

  // Three calls on one client.
  void call(const client_options& options) {
    serve();
    const executions_api executions(server.client(options));
    test::run(io, [&]() -> awaitable<void> {
      co_await executions.get("e1");
      co_await executions.get("e2");
      co_await executions.query("e3", query_request("q"));
    });
  }
  int asked = 0;
};

template <class Row>
outcome expected_of(const Row& row, int which) {
  return which == 0 ? row.zero : which == 1 ? row.one : row.largest;
}

// A limit of 1 ms or of 1 byte ends a call, and says so.
bool tells_of_limit(const std::string& name, const error& e) {
  if (dynamic_cast<const timeout_error*>(&e) != nullptr) return true;
  if (name.ends_with("deadline") && e.retries_ended() == retry_end::beyond_deadline) return true;
  if (name == "retry.max_attempts") return dynamic_cast<const api_error*>(&e) != nullptr;
  return std::string_view(e.what()).find(name) != std::string_view::npos;
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(options, fixture)

BOOST_AUTO_TEST_CASE(every_option_of_a_client_at_zero_one_and_its_largest_works_or_is_refused_by_name) {
  for (const auto& row : client_rows)
    for (const int which : {0, 1, 2}) BOOST_TEST_CONTEXT(row.name << " " << which) {
        client_options options;
        options.retry.initial_backoff = milliseconds(1);
        options.retry.max_backoff = milliseconds(2);
        options.retry.look_distance = milliseconds(1);
        row.set(options, which);
        outcome came = works;
        try {
          call(options);
          BOOST_TEST((which != 2 || server.connections == 1));
        } catch (const invalid_argument& e) {
          came = refused;
          BOOST_TEST(e.field() == "client_options." + row.name);
        } catch (const error& e) {
          came = limits;
          BOOST_TEST(tells_of_limit(row.name, e), e.what());
        }
        const outcome expected = expected_of(row, which);
        BOOST_TEST((came == expected || (expected == limits && came == works)));
      }
}

BOOST_AUTO_TEST_CASE(a_connection_is_used_again_however_long_it_may_lie_idle_and_live) {
  for (const milliseconds long_time :
       {milliseconds::max(), milliseconds(std::chrono::hours(24 * 365 * 300))}) {
    client_options options;
    options.idle_connection_limit = options.connection_lifetime = options.connect_limit = long_time;
    options.call_deadline = options.handler_deadline = options.stream_idle_limit = long_time;
    call(options);
    BOOST_TEST(server.connections == 1);
  }
}

BOOST_AUTO_TEST_CASE(a_size_beyond_32_bits_takes_every_answer) {
  client_options options;
  options.max_header = options.max_body = std::size_t{1} << 32;
  call(options);
}

BOOST_AUTO_TEST_CASE(back_off_without_an_end_ends_within_the_deadline) {
  client_options options;
  options.retry.initial_backoff = options.retry.max_backoff = options.retry.max_retry_after =
      milliseconds::max();
  options.call_deadline = milliseconds(300);
  const executions_api executions(server.client(options));
  server.answer(503).answer(503).answer(503).answer(503);
  const auto e = test::error_of<error>(io, [&]() -> awaitable<void> { co_await executions.get("e1"); });
  BOOST_TEST(e.attempts() >= 2);
}

BOOST_AUTO_TEST_CASE(an_answer_nested_without_an_end_is_an_error_at_the_largest_depth) {
  client_options options;
  options.max_json_depth = std::numeric_limits<std::size_t>::max();
  const executions_api executions(server.client(options));
  server.answer(200, R"({"result":)" + std::string(200'000, '['));
  const auto e =
      test::error_of<decode_error>(io, [&]() -> awaitable<void> { co_await executions.get("e1"); });
  BOOST_TEST(std::string_view(e.what()).find("max_json_depth") != std::string_view::npos, e.what());
}

BOOST_AUTO_TEST_CASE(the_options_of_one_call_are_bounded_as_the_clients_are) {
  call_options largest;
  largest.deadline = milliseconds::max();
  largest.retry.emplace();
  largest.retry->initial_backoff = largest.retry->max_backoff = largest.retry->max_retry_after =
      milliseconds::max();
  server.answer(200, running);
  auto own = std::make_shared<const call_options>(session::checked(largest));
  const executions_api executions(
      std::make_shared<const session::client_handle>(server.client()->state, std::move(own)));
  test::run(io, [&]() -> awaitable<void> { co_await executions.get("e1"); });
  const auto refused_as = [](const char* field, auto change) {
    call_options bad;
    bad.retry.emplace();
    change(bad);
    BOOST_CHECK_EXCEPTION(session::checked(bad), invalid_argument,
                          [&](const invalid_argument& e) { return e.field() == field; });
  };
  refused_as("call_options.deadline", [](call_options& c) { c.deadline = milliseconds(0); });
  refused_as("call_options.retry.initial_backoff",
             [](call_options& c) { c.retry->initial_backoff = milliseconds(0); });
  refused_as("call_options.retry.max_backoff",
             [](call_options& c) { c.retry->max_backoff = milliseconds(0); });
}

BOOST_AUTO_TEST_CASE(waiting_for_a_result_takes_the_longest_times) {
  const auto handle = server.client();
  server.answer(200, completed).answer(200, completed);
  result_options options;
  options.status_check = milliseconds::max();
  options.deadline = milliseconds::max();
  test::run(io, [&]() -> awaitable<void> {
    co_await executions_api(handle).result("e1", options);
    co_await workflows_api(handle).execute_and_wait("ticket", execute_request(), milliseconds::max());
  });
  BOOST_TEST(server.requests.size() == 2u);
  for (const milliseconds none : {milliseconds(0), milliseconds::min()}) {
    options.deadline = none;
    const auto e = test::error_of<invalid_argument>(
        io, [&]() -> awaitable<void> { co_await executions_api(handle).result("e1", options); });
    BOOST_TEST(e.field() == "deadline");
    const auto timeless = test::error_of<invalid_argument>(io, [&]() -> awaitable<void> {
      co_await workflows_api(handle).execute_and_wait("ticket", execute_request(), none);
    });
    BOOST_TEST(timeless.field() == "timeout");
  }
}

BOOST_AUTO_TEST_CASE(every_option_of_a_stream_at_zero_one_and_its_largest_works_or_is_refused_by_name) {
  using s = stream_options;
  const row<stream_options> rows[] = {
      number("idle_limit", &s::idle_limit, refused, works, works),
      number("status_check", &s::status_check, refused, works, works),
      number("drain_time", &s::drain_time, refused, works, works),
      number("missing_after", &s::missing_after, refused, works, works),
      number("initial_backoff", &s::initial_backoff, refused, works, works),
      number("max_backoff", &s::max_backoff, refused, works, works),
      number("reconnect_budget", &s::reconnect_budget, refused, limits, works),
      number("max_attempts", &s::max_attempts, works, works, works),
      number("max_event", &s::max_event, refused, limits, works),
  };
  for (const auto& row : rows)
    for (const int which : {0, 1, 2}) BOOST_TEST_CONTEXT(row.name << " " << which) {
        boost::asio::io_context context;
        auto host = std::make_shared<scripted::host>(context);
        host->answer = [](const std::string&, int number) {
          if (number == 1) return scripted::act::status_only(503);
          return scripted::act(recorded::progress(number), scripted::finish::reset);
        };
        host->look = [](const std::string&, int) { return scripted::running(); };
        auto options = scripted::quick();
        row.set(options, which);
        outcome came = works;
        try {
          auto events = scripted::open(host, options);
          auto story = [&]() -> awaitable<void> { co_await events.next(); };
          scripted::run(context, story());
        } catch (const invalid_argument& e) {
          came = refused;
          BOOST_TEST(e.field() == "stream_options." + row.name);
        } catch (const stream_failure&) {
          came = limits;
        }
        const outcome expected = expected_of(row, which);
        BOOST_TEST((came == expected || (expected == limits && came == works)));
      }
}

BOOST_AUTO_TEST_SUITE_END()
