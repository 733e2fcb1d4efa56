#include "protocol/follow/cursor.hpp"

#include <boost/test/unit_test.hpp>

#include <memory>
#include <random>
#include <string>
#include <vector>

using namespace mistral::workflows::protocol;

namespace {

event_facts end_of(terminal_kind kind, std::string run = "run", std::string successor = std::string()) {
  event_facts out;
  out.own = true;
  out.terminal = kind;
  out.run_id = std::move(run);
  out.continued_as = std::move(successor);
  return out;
}

std::shared_ptr<std::string> id(std::string text) { return std::make_shared<std::string>(std::move(text)); }

bool is_plain(const std::string& text) {
  const auto read = read_cursor(text, "asked");
  return read.execution_id == "asked" && read.server_id == text && read.end.terminal == terminal_kind::none;
}

void check_round_trip(const stream_cursor& cursor) {
  const std::string text = cursor_text(cursor.execution_id, cursor.server_id, cursor.end);
  const auto read = read_cursor(text, "asked");
  BOOST_TEST(read.execution_id == cursor.execution_id);
  BOOST_TEST(read.server_id == cursor.server_id);
  BOOST_TEST((read.end.terminal == cursor.end.terminal));
  BOOST_TEST(read.end.run_id == cursor.end.run_id);
  BOOST_TEST(read.end.continued_as == cursor.end.continued_as);
}

std::string random_text(std::mt19937& random, std::size_t most) {
  static const std::string letters = "ab:%w1.~-_ /?#&=+\xc3\xa4\x7f\"'0";
  std::string out(1 + random() % most, ' ');
  for (char& c : out) c = letters[random() % letters.size()];
  return out;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(cursor)

BOOST_AUTO_TEST_CASE(a_cursor_has_the_execution_and_the_servers_id) {
  BOOST_TEST(cursor_text("exec", "1764-0", event_facts()) == "w1:exec:1764-0");
  BOOST_TEST(cursor_text("a:b/c", "x y", event_facts()) == "w1:a%3Ab%2Fc:x%20y");
}

BOOST_AUTO_TEST_CASE(a_cursor_at_the_executions_own_end_is_marked) {
  BOOST_TEST(cursor_text("e", "9", end_of(terminal_kind::completed)) == "w1:e:9:c:run:");
  BOOST_TEST(cursor_text("e", "9", end_of(terminal_kind::canceled)) == "w1:e:9:x:run:");
  BOOST_TEST(cursor_text("e", "9", end_of(terminal_kind::failed, "")) == "w1:e:9:f::");
  BOOST_TEST(cursor_text("e", "9", end_of(terminal_kind::continued_as_new, "r1", "r2")) == "w1:e:9:n:r1:r2");
}

BOOST_AUTO_TEST_CASE(an_end_that_no_event_tells_of_is_no_mark) {
  BOOST_TEST(cursor_text("e", "9", end_of(terminal_kind::terminated)) == "w1:e:9");
  BOOST_TEST(cursor_text("e", "9", end_of(terminal_kind::timed_out)) == "w1:e:9");
}

BOOST_AUTO_TEST_CASE(run_ids_that_no_run_can_have_are_left_out) {
  BOOST_TEST(cursor_text("e", "9", end_of(terminal_kind::continued_as_new, ".", "..")) == "w1:e:9:n::");
  BOOST_TEST(cursor_text("e", "9", end_of(terminal_kind::failed, std::string(257, 'r'))) == "w1:e:9:f::");
}

BOOST_AUTO_TEST_CASE(what_is_written_is_read_back_whatever_bytes_it_has) {
  std::mt19937 random(17);
  const std::vector<terminal_kind> kinds = {terminal_kind::none, terminal_kind::completed,
                                            terminal_kind::canceled, terminal_kind::failed,
                                            terminal_kind::continued_as_new};
  for (int round = 0; round < 2'000; ++round) {
    stream_cursor cursor;
    cursor.execution_id = "e" + random_text(random, 40);
    cursor.server_id = random() % 5 == 0 ? std::string() : random_text(random, 60);
    const auto kind = kinds[random() % kinds.size()];
    if (kind != terminal_kind::none) cursor.end = end_of(kind, "r" + random_text(random, 20));
    if (kind == terminal_kind::continued_as_new) cursor.end.continued_as = "s" + random_text(random, 20);
    check_round_trip(cursor);
  }
}

BOOST_AUTO_TEST_CASE(a_long_server_id_is_read_back) {
  stream_cursor cursor;
  cursor.execution_id = std::string(256, 'e');
  cursor.server_id = std::string(100'000, ':');
  check_round_trip(cursor);
}

BOOST_AUTO_TEST_CASE(an_id_of_the_servers_own_stays_valid) {
  for (const char* const text : {"", "7", "1764-0", "a:b", "a:b:c", "w1", "w1:", "w2:e:1", "W1:e:1"})
    BOOST_TEST(is_plain(text), text);
}

BOOST_AUTO_TEST_CASE(every_odd_text_is_an_id_of_the_servers_own) {
  const std::vector<std::string> odd = {
      "w1::5",   // no execution
      "w1:.:5",  // one that cannot be
      "w1:..:5",        "w1:" + std::string(257, 'e') + ":5",
      "w1:e%00:5",
      "w1:e:5%0A",  // what no line brings
      "w1:e:%00",
      "w1:e",  // too few parts
      "w1:e:5:c",       "w1:e:5:c:run",
      "w1:e:5:c:run::",  // too many
      "w1:e:5:t:run:",   // no kind
      "w1:e:5::run:",   "w1:e:5:cc:run:",
      "w1:e:5:c:.:",  // no run
      "w1:e:5%",      // not as it is written
      "w1:e:5%4",       "w1:e:%35",
      "w1:e:a%3ab",     "w1:e:a b",
      "w1:e:a/b",       " w1:e:5",
      "w1:e:5 ",        "w1:\xc3\xa4:5",
  };
  for (const auto& text : odd) BOOST_TEST(is_plain(text), text);
}

BOOST_AUTO_TEST_CASE(a_cursor_cut_or_changed_anywhere_is_read_as_itself_or_as_what_it_then_says) {
  const std::string whole =
      cursor_text("ex%ec", "17:64", end_of(terminal_kind::continued_as_new, "r1", "r2"));
  std::mt19937 random(5);
  for (int round = 0; round < 5'000; ++round) {
    std::string text = whole;
    if (random() % 2 == 0) text.resize(random() % text.size());
    for (auto left = random() % 3; left > 0 && !text.empty(); --left)
      text[random() % text.size()] = static_cast<char>(random() % 256);
    const auto read = read_cursor(text, "asked");
    if (read.execution_id != "asked")
      BOOST_TEST(cursor_text(read.execution_id, read.server_id, read.end) == text);
  }
}

// ------------------------------------------------------------------------- what a handle says of its stream

BOOST_AUTO_TEST_CASE(before_the_first_event_a_stream_stands_where_it_was_started) {
  BOOST_TEST(stream_record("e", "").cursor().empty());
  BOOST_TEST(stream_record("e", "w1:e:5").cursor() == "w1:e:5");
  BOOST_TEST(stream_record("e", "5").execution_id() == "e");
}

BOOST_AUTO_TEST_CASE(the_cursor_of_a_stream_without_an_execution_is_the_servers_id) {
  stream_record record("", "");
  std::shared_ptr<const stream_place> none;
  record.handed_over(none, id("7"), event_facts());
  BOOST_TEST(record.cursor() == "7");
  BOOST_TEST(record.execution_id().empty());
}

BOOST_AUTO_TEST_CASE(the_cursor_follows_the_execution_with_its_first_event) {
  stream_record record("first", "");
  auto place = std::make_shared<const stream_place>("first");
  record.handed_over(place, id("3"), end_of(terminal_kind::continued_as_new, "r1", "r2"));
  BOOST_TEST(record.cursor() == "w1:first:3:n:r1:r2");
  place = std::make_shared<const stream_place>("second");
  BOOST_TEST(record.execution_id() == "first");
  record.handed_over(place, id("1"), event_facts());
  BOOST_TEST(record.cursor() == "w1:second:1");
  BOOST_TEST(record.execution_id() == "second");
}

BOOST_AUTO_TEST_CASE(the_mark_stands_behind_a_childs_event_and_goes_with_the_end) {
  stream_record record("e", "");
  auto place = std::make_shared<const stream_place>("e");
  const auto end = end_of(terminal_kind::failed);
  record.handed_over(place, id("3"), end);
  const auto marked = place;
  record.handed_over(place, id("4"), end);
  BOOST_TEST(record.cursor() == "w1:e:4:f:run:");
  BOOST_TEST((place == marked));  // shared by all events until it changes
  record.handed_over(place, id("5"), event_facts());
  BOOST_TEST(record.cursor() == "w1:e:5");
}

BOOST_AUTO_TEST_CASE(the_place_of_an_event_lives_until_the_next_is_handed_over) {
  stream_record record("e", "");
  auto place = std::make_shared<const stream_place>("e");
  const std::weak_ptr<const stream_place> of_the_event = place;
  record.handed_over(place, id("3"), end_of(terminal_kind::completed));
  BOOST_TEST(!of_the_event.expired());
  record.handed_over(place, id("4"), end_of(terminal_kind::completed));
  BOOST_TEST(of_the_event.expired());
}

BOOST_AUTO_TEST_CASE(where_the_server_has_no_ids_the_cursor_is_empty_but_in_a_successor) {
  stream_record record("first", "");
  auto place = std::make_shared<const stream_place>("first");
  record.handed_over(place, id(""), event_facts());
  BOOST_TEST(record.cursor().empty());
  place = std::make_shared<const stream_place>("second");
  record.handed_over(place, id(""), event_facts());
  BOOST_TEST(record.cursor() == "w1:second:");
}

BOOST_AUTO_TEST_SUITE_END()
