// Finished runs are kept in few bytes, and nothing that can be asked of them is another for it.
#include "server/engine/engine_fixture.hpp"

#include "testing/engine/common/packed_text.hpp"

#include <boost/test/unit_test.hpp>

#include <malloc.h>

#include <cstddef>
#include <iostream>
#include <random>

using namespace engine_test;

namespace {

constexpr std::size_t result_size = 1000;

wt::workflow_definition sleeper() {
  return wt::workflow_definition("sleeper", [](wt::workflow_context context) -> asio::awaitable<json::value> {
    co_await context.sleep_for(2s);
    co_return json::value(std::string(result_size, 'r'));
  });
}

/// Does one of everything that leaves a step, an event or a line.
wt::workflow_definition busy() {
  wt::workflow_definition made("busy", [](wt::workflow_context context) -> asio::awaitable<json::value> {
    context.set_search_key("order", "A-17");
    context.log("INFO", "begun");
    json::object attributes;
    attributes["custom_task_id"] = context.new_id();
    attributes["custom_task_type"] = "thought";
    context.emit_event("CUSTOM_TASK_STARTED", attributes);
    const json::value said = co_await context.wait_signal("go");
    co_await context.sleep_for(1500ms);
    const wt::workflow_context::handler twice = [](const json::value& in) {
      return json::value(in.as_int64() * 2);
    };
    const json::value doubled = co_await context.activity("twice", said, twice);
    json::object result;
    result["said"] = said;
    result["doubled"] = doubled;
    result["text"] = "a \"quoted\" 2025-12-17T10:25:07.818693Z, 0123 and \xc3\xa9";
    co_return result;
  });
  return made;
}

const std::vector<std::string_view> some_words{R"({"result":)", "aaa", "aa", "",
                                               "5b3b8e0a-1111-4222-8333-444455556666"};

void check_packs(std::string_view text) {
  const std::string packed = wt::pack(text, some_words);
  BOOST_TEST(wt::unpack(packed, some_words) == text);
  const wt::clock::time_point near(std::chrono::nanoseconds(1765967107818693001));
  const std::string packed_near = wt::pack(text, some_words, near);
  BOOST_TEST(wt::unpack(packed_near, some_words, near) == text);
}

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool counts_bytes = false;  // mallinfo2 knows nothing of what sanitizers hand out
#else
constexpr bool counts_bytes = true;
#endif

std::size_t bytes_in_use() {
  const auto used = mallinfo2();
  return used.uordblks + used.hblkhd;
}

std::string digits(std::size_t number, std::size_t size) {
  std::string text = std::to_string(number);
  return std::string(size - text.size(), '0') + text;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(engine_packing)

BOOST_AUTO_TEST_CASE(a_packed_text_comes_back_byte_for_byte) {
  for (const auto* text : {"",
                           "a",
                           "aaaa",
                           "aaaaaaa",
                           "{\"result\":1}",
                           "7",
                           "1234",
                           "01234",
                           "18446744073709551615",
                           "18446744073709551616",
                           "99999999999999999999999",
                           "5b3b8e0a-1111-4222-8333-444455556666",
                           "5B3B8E0A-1111-4222-8333-444455556666",
                           "00000000-0000-0000-0000-00000000000",
                           "01234567-89ab-cdef-0123-456789abcdefg",
                           "2025-12-17T10:25:07.818693Z",
                           "2025-12-17T10:25:07.818692Z",
                           "2025-12-17T10:25:08.000000Z",
                           "1765967107818693000",
                           "1765967107818693001",
                           "1765967109818693001",
                           "2025-02-30T10:25:07.818693Z",
                           "2025-12-17T24:25:07.818693Z",
                           "1969-12-31T23:59:59.999999Z",
                           "9999-12-31T23:59:59.999999Z",
                           "2025-12-17T10:25:07.81869Z ",
                           "\xff\xfe\x80",
                           "\x7f"})
    check_packs(text);
  std::string long_runs(1000, 'x');
  long_runs.append("aaa").append(129, '\0').append("12345");
  check_packs(long_runs);
}

BOOST_AUTO_TEST_CASE(any_mix_of_pieces_comes_back) {
  const std::vector<std::string> pieces{"aaa",
                                        "a",
                                        "{\"result\":",
                                        "-",
                                        "12345",
                                        "0",
                                        "2025-12-17T10:25:07.818693Z",
                                        "5b3b8e0a-1111-4222-8333-444455556666",
                                        "T",
                                        "\x80",
                                        "Z",
                                        "f00d"};
  std::mt19937 random(7);
  std::uniform_int_distribution<std::size_t> any(0, pieces.size() - 1);
  for (int round = 0; round < 2000; ++round) {
    std::string text;
    for (int count = 0; count < 8; ++count) text += pieces[any(random)];
    check_packs(text);
  }
}

BOOST_AUTO_TEST_CASE(what_is_asked_of_a_finished_run_is_answered_as_before_it_ended) {
  server made({busy()});
  const std::string id = made.start("busy", json::value(17), "order-1");
  made.signal(id, "go", 21);
  made.advance(1s);
  const auto before_history = made.engine().history(id).at("events").as_array();
  const auto before_events = made.events(id);
  made.advance(1s);
  BOOST_TEST(made.status(id) == "COMPLETED");
  BOOST_TEST(made.result(id).at("doubled").as_int64() == 42);

  const auto history = made.engine().history(id).at("events").as_array();
  BOOST_REQUIRE(history.size() > before_history.size());
  for (std::size_t at = 0; at < before_history.size(); ++at) BOOST_TEST(history[at] == before_history[at]);
  const auto events = made.events(id);
  BOOST_REQUIRE(events.size() > before_events.size());
  for (std::size_t at = 0; at < before_events.size(); ++at) BOOST_TEST(events[at] == before_events[at]);
  BOOST_TEST(events.back().at("data").at("attributes").at("result").at("value") == made.result(id));
  const auto keys = made.engine().get_execution(id, true).at("search_keys").as_object();
  BOOST_TEST(keys.at("order") == "A-17");
}

BOOST_AUTO_TEST_CASE(a_finished_run_is_reset_and_repeats_what_it_did) {
  server made({busy()});
  const std::string id = made.start("busy", json::value(17), "order-1");
  made.signal(id, "go", 21);
  made.advance(5s);
  BOOST_TEST(made.status(id) == "COMPLETED");
  const std::string first_run = made.run_id(id);
  const auto old_history = made.engine().run_history(first_run);
  wt::reset_request request;
  for (const auto& event : old_history.at("events").as_array())
    if (event.at("event_type") == "WORKFLOW_TASK_COMPLETED")
      request.event_id = event.at("event_id").as_int64();
  made.engine().reset(id, request);
  made.settle();
  made.advance(5s);
  BOOST_TEST(made.status(id) == "COMPLETED");
  BOOST_TEST(made.run_id(id) != first_run);
  BOOST_TEST(made.result(id).at("said").as_int64() == 21);
  BOOST_TEST(made.engine().run_history(first_run) == old_history);
}

BOOST_AUTO_TEST_CASE(a_restarted_server_says_the_same_of_what_had_finished) {
  const scratch_folder folder;
  json::value history;
  std::vector<json::object> events;
  {
    server made({busy()}, folder.path());
    made.start("busy", json::value(17), "order-1");
    made.signal("order-1", "go", 21);
    made.advance(5s);
    history = made.engine().history("order-1");
    events = made.events("order-1");
  }
  server again({busy()}, folder.path());
  BOOST_TEST(again.engine().history("order-1") == history);
  const auto now = again.events("order-1");
  BOOST_REQUIRE(now.size() == events.size());
  for (std::size_t at = 0; at < events.size(); ++at) BOOST_TEST(now[at] == events[at]);
}

BOOST_AUTO_TEST_CASE(a_finished_execution_costs_at_most_a_kilobyte_beside_its_result) {
  constexpr std::size_t warm_up = 2000, count = 10000;
  server made({sleeper()});
  const auto run_some = [&](std::size_t from, std::size_t many) {
    for (std::size_t number = from; number < from + many; ++number) {
      wt::start_request request;
      request.execution_id = "nightly-import-" + digits(number, 40);
      json::object input;
      input["job"] = digits(number, 8);
      input["file"] = "in/some-folder/a-file.json";
      request.input = input;
      made.engine().execute("sleeper", request);
      if (number % 100 == 99) made.advance(3s);
    }
    made.advance(3s);
  };
  run_some(0, warm_up);
  const auto before = bytes_in_use();
  run_some(warm_up, count);
  const auto each = static_cast<double>(bytes_in_use() - before) / count - result_size;
  BOOST_TEST(made.status("nightly-import-" + digits(warm_up + 5, 40)) == "COMPLETED");
  if (!counts_bytes) return;
  std::cout << "a finished execution: " << each << " bytes and its result\n";
  BOOST_TEST(each < 1024);
}

BOOST_AUTO_TEST_SUITE_END()
