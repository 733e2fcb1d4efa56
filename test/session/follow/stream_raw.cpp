#include "protocol/follow/sse_parser.hpp"
#include "session/follow/scripted_host.hpp"
#include "session/follow/stream_item.hpp"

#include <mistral/workflows/raw_event.hpp>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/test/unit_test.hpp>

namespace {

using namespace scripted;

wf::raw_event_stream open_raw(std::shared_ptr<host> server, wf::stream_options options = quick()) {
  return wf::raw_event_stream(std::make_shared<session::stream_session<wf::raw_event>>(
      std::move(server), execution_stream(), std::move(options)));
}

// What a test makes of each event while it is there.
template <class Stream, class Keep>
auto each_of(Stream& events, asio::io_context& context, Keep keep) {
  std::vector<decltype(keep(*events.try_next()))> got;
  auto story = [&]() -> asio::awaitable<void> {
    while (auto event = co_await events.next()) got.push_back(keep(*event));
  };
  run(context, story());
  return got;
}

std::string text_of(const wf::raw_event& event) { return std::string(event.text); }
std::int64_t number_of(const wf::raw_event& event) { return event.decode().broker_sequence; }
wf::stream_event decoded(const wf::raw_event& event) { return event.decode(); }
wf::stream_event kept(const wf::stream_event& event) { return event; }

enum class arrival { when_waited_for, after_pauses, at_once };

// The recording, resumed after the cursor, `count` events a connection.
std::shared_ptr<host> server_of(asio::io_context& context, std::size_t count, finish ending, arrival comes) {
  auto server = std::make_shared<host>(context);
  server->answer = [=](const std::string& target, int) {
    const auto from = static_cast<std::size_t>(cursor_in(target));
    act made(joined(recorded::frames(), from, from + count), ending);
    made.at_hand = comes == arrival::at_once;
    made.flowing = comes == arrival::after_pauses;
    return made;
  };
  server->look = [](const std::string&, int) { return ended(); };
  return server;
}

// What a stream of raw events and one of typed events make of the same text.
void hold_alike(const std::string& text) {
  BOOST_TEST_CONTEXT(text) {
    protocol::sse_event wire;
    wire.data = text;
    wf::stream_event typed;
    wf::raw_event raw;
    session::stream_item expected, item;
    const auto place = std::make_shared<const protocol::stream_place>(recorded::execution);
    session::read_item(wire, place, expected, typed);
    session::read_item(wire, place, false, item, raw);
    BOOST_TEST((item.identity.sequence == expected.identity.sequence));
    BOOST_TEST((item.facts.terminal == expected.facts.terminal));
    BOOST_TEST(item.error.has_value() == expected.error.has_value());
    BOOST_TEST(item.identity.event_id == expected.identity.event_id);

    // On a stream that follows no execution.
    wf::stream_event of_many;
    session::read_item(wire, nullptr, expected, of_many);
    session::read_item(wire, nullptr, false, item, raw);
    BOOST_TEST((item.identity.sequence == expected.identity.sequence));
    BOOST_TEST(item.error.has_value() == expected.error.has_value());
    BOOST_TEST(item.identity.event_id == expected.identity.event_id);
    BOOST_TEST(!item.facts.own);
  }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(a_raw_stream)

BOOST_AUTO_TEST_CASE(hands_out_each_text_as_it_came_and_decodes_it_to_what_the_typed_stream_has) {
  asio::io_context context;
  auto typed_stream = open(server_of(context, 60, finish::clean, arrival::when_waited_for));
  auto raw_stream = open_raw(server_of(context, 60, finish::clean, arrival::when_waited_for));
  auto text_stream = open_raw(server_of(context, 60, finish::clean, arrival::when_waited_for));
  const std::vector<wf::stream_event> typed = each_of(typed_stream, context, kept);
  const std::vector<wf::stream_event> raw = each_of(raw_stream, context, decoded);
  const std::vector<std::string> texts = each_of(text_stream, context, text_of);
  BOOST_TEST_REQUIRE(typed.size() == 60U);
  BOOST_TEST_REQUIRE(raw.size() == 60U);
  BOOST_TEST_REQUIRE(texts.size() == 60U);
  for (std::size_t i = 0; i < 60; ++i) {
    BOOST_TEST(recorded::frames()[i].find("data: " + texts[i] + '\n') != std::string::npos);
    BOOST_TEST((raw[i] == typed[i]));
  }
  BOOST_TEST(raw_stream.cursor() == typed_stream.cursor());
}

BOOST_AUTO_TEST_CASE(gives_each_event_once_through_cuts_whatever_is_there_before_it_is_waited_for) {
  for (const arrival comes : {arrival::when_waited_for, arrival::after_pauses, arrival::at_once}) {
    for (const finish ending : {finish::reset, finish::truncated, finish::clean}) {
      asio::io_context context;
      auto raw_stream = open_raw(server_of(context, 7, ending, comes));
      BOOST_TEST((each_of(raw_stream, context, number_of) == numbers(1, 60)));
    }
  }
}

BOOST_AUTO_TEST_CASE(pauses_while_bytes_flow_instead_of_waiting_for_each_portion) {
  asio::io_context context;
  auto server = server_of(context, 60, finish::clean, arrival::after_pauses);
  auto raw_stream = open_raw(server);
  BOOST_TEST((each_of(raw_stream, context, number_of) == numbers(1, 60)));
  BOOST_TEST(server->waits == 0);
}

BOOST_AUTO_TEST_CASE(loses_nothing_when_it_is_cancelled_in_a_pause_and_does_not_pause_again_then) {
  asio::io_context context;
  auto server = server_of(context, 60, finish::clean, arrival::after_pauses);
  auto raw_stream = open_raw(server);
  std::vector<std::int64_t> got;
  int cancelled = 0;
  int over_before = 0;  // pauses whose end was on its way to the stream when the cancellation came
  auto take = [&]() -> asio::awaitable<void> {
    if (auto event = co_await raw_stream.next()) got.push_back(number_of(*event));
  };
  while (!raw_stream.ended()) {
    asio::cancellation_signal stop;
    auto done = [&](std::exception_ptr failure) { cancelled += failure != nullptr; };
    asio::co_spawn(context, take(), asio::bind_cancellation_slot(stop.slot(), done));
    context.restart();
    context.poll();  // as far as it goes without waiting
    const int pauses = server->pauses;
    stop.emit(asio::cancellation_type::terminal);
    context.restart();
    context.run();
    context.restart();
    over_before += server->pauses - pauses;
    run(context, take());
  }
  BOOST_TEST(cancelled > 0);
  BOOST_TEST(server->waits == cancelled - over_before);
  BOOST_TEST((got == numbers(1, 60)));
}

BOOST_AUTO_TEST_CASE(may_be_closed_or_destroyed_by_a_hook_while_it_hands_an_event_over) {
  for (const auto& [destroy, brief] : {std::pair(false, true), {false, false}, {true, true}, {true, false}}) {
    asio::io_context context;
    auto server = std::make_shared<host>(context);
    server->answer = [](const std::string&, int) {
      act made(recorded::progress(1) + recorded::progress(3) + recorded::progress(4), finish::open);
      made.at_hand = true;
      made.chunk = made.body.size();
      return made;
    };
    server->look = [](const std::string&, int) { return running(); };
    std::unique_ptr<wf::raw_event_stream> events;
    auto options = quick();
    options.hooks.sequence = [&](const wf::sequence_step&) {
      if (destroy)
        events.reset();
      else
        events->close();
    };
    events = std::make_unique<wf::raw_event_stream>(open_raw(server, options));
    auto story = [&]() -> asio::awaitable<void> {
      BOOST_TEST(co_await events->wait());
      const auto first = events->try_next();
      BOOST_TEST_REQUIRE(first.has_value());
      BOOST_TEST(number_of(*first) == 1);
      if (brief) {
        BOOST_CHECK_THROW(events->try_next(), wf::cancelled_error);
      } else {
        BOOST_CHECK_THROW(co_await events->next(), wf::cancelled_error);
      }
      BOOST_TEST(server->open_connections == 0);
      if (events) BOOST_CHECK_THROW(events->try_next(), wf::cancelled_error);
    };
    run(context, story());
  }
}

BOOST_AUTO_TEST_CASE(drops_what_comes_again_from_a_server_that_begins_anew) {
  asio::io_context context;
  auto server = server_of(context, 60, finish::clean, arrival::at_once);
  server->answer = [](const std::string&, int number) {
    act made(joined(recorded::frames(), 0, static_cast<std::size_t>(20 * number)), finish::reset);
    made.at_hand = true;
    return made;
  };
  std::vector<std::int64_t> dropped;
  auto options = quick();
  options.hooks.duplicate = [&](std::int64_t sequence) { dropped.push_back(sequence); };
  auto raw_stream = open_raw(server, options);
  BOOST_TEST(each_of(raw_stream, context, text_of).size() == 60U);
  BOOST_TEST(dropped.size() >= 60U);
}

BOOST_AUTO_TEST_CASE(ends_with_its_execution_and_reads_on_where_a_retry_follows_a_failure) {
  asio::io_context context;
  auto server = std::make_shared<host>(context);
  server->answer = [](const std::string&, int) {
    return act(recorded::started(1) + recorded::failed(2) + recorded::started(3, "second") +
                   recorded::progress(4, "second") + recorded::completed(5, "second"),
               finish::open);
  };
  server->look = [](const std::string&, int) { return ended("second"); };
  auto raw_stream = open_raw(server);
  BOOST_TEST(each_of(raw_stream, context, text_of).size() == 5U);
  BOOST_TEST(raw_stream.ended());
}

BOOST_AUTO_TEST_CASE(takes_nothing_else_for_the_number_of_an_event) {
  const std::string head = R"({"stream":"s","data":{"event_id":"e"},)";
  hold_alike(head + R"("broker_sequence":7})");
  hold_alike(head + R"("broker_sequence": 7})");
  hold_alike(head + R"("broker_sequence" : 7 } )");
  hold_alike(head + R"("broker_sequence":7,"metadata":{}})");
  hold_alike(head + R"("metadata":{"broker_sequence":7}})");
  hold_alike(head + R"("broker_sequence":0})");
  hold_alike(head + R"("broker_sequence":-7})");
  hold_alike(head + R"("broker_sequence":"7"})");
  hold_alike(head + R"("broker_sequence":123456789012345678})");
  hold_alike(head + R"("broker_sequence":1234567890123456789})");
  hold_alike(head + R"("broker_sequence":99999999999999999999})");
  hold_alike(head + R"("metadata":{"a":"\"broker_sequence\":7}"}})");
  hold_alike(head + R"("a\"broker_sequence":7})");
  hold_alike(R"({"error":"E","reason":"R"})");
  hold_alike("");
  hold_alike("7}");
  hold_alike("no JSON");
}

BOOST_AUTO_TEST_SUITE_END()
