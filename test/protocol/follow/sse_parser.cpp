#include "protocol/follow/sse_parser.hpp"

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

using namespace mistral::workflows::protocol;
using namespace std::literals;

namespace {

// "type[data]#id" for each event, then what the stream leaves
// behind: "!" for an unfinished event, "~N" for retry.
std::string rendered(const sse_event& event) {
  std::string out(event.type.empty() ? "message"sv : event.type);
  out.append("[").append(event.data).append("]");
  if (!event.id.empty() || event.has_id) out.append("#").append(event.id);
  if (!event.has_id) out += '-';
  return out + ' ';
}

void drain(sse_parser& parser, std::string& out) {
  while (auto event = parser.next()) out += rendered(*event);
}

std::string closing(const sse_parser& parser) {
  std::string out;
  if (parser.unfinished()) out += '!';
  if (parser.retry()) out += '~' + std::to_string(parser.retry()->count());
  return out;
}

// Each chunk lives in memory of its own and dies before the next
// one, so that a view kept too long is seen by the sanitizers.
void feed_copy(sse_parser& parser, std::string_view chunk, std::string& out) {
  const std::vector<char> copy(chunk.begin(), chunk.end());
  parser.feed(std::string_view(copy.data(), copy.size()));
  drain(parser, out);
}

std::string read_in_chunks(std::string_view input, std::size_t size) {
  sse_parser parser;
  std::string out;
  for (std::size_t at = 0; at < input.size(); at += size) feed_copy(parser, input.substr(at, size), out);
  return out + closing(parser);
}

std::string read_split(std::string_view input, std::size_t at) {
  sse_parser parser;
  std::string out;
  feed_copy(parser, input.substr(0, at), out);
  feed_copy(parser, input.substr(at), out);
  return out + closing(parser);
}

struct conformance_case {
  std::string_view promise;
  std::string_view input;
  std::string_view expected;
};

const conformance_case table[] = {
    // Lines
    {"nothing is nothing", ""sv, ""},
    {"blank lines alone are nothing", "\n\n\n\n"sv, ""},
    {"LF ends a line", "data: a\n\n"sv, "message[a]- "},
    {"CRLF ends a line", "data: a\r\n\r\n"sv, "message[a]- "},
    {"CR ends a line", "data: a\r\r"sv, "message[a]- "},
    {"LF then CRLF", "data: a\n\r\n"sv, "message[a]- "},
    {"CRLF then LF", "data: a\r\n\n"sv, "message[a]- "},
    {"CR then LF is one line end, not two", "data: a\r\n"sv, "!"},
    {"CR then CRLF", "data: a\r\r\n"sv, "message[a]- "},
    {"CR between fields", "event: e\rdata: a\r\r"sv, "e[a]- "},
    {"all three ends mixed", "event: e\rdata: a\ndata: b\r\n\r"sv, "e[a\nb]- "},
    {"CRLF for two events", "data: a\r\n\r\ndata: b\r\n\r\n"sv, "message[a]- message[b]- "},
    {"CR for two events", "data: a\r\rdata: b\r\r"sv, "message[a]- message[b]- "},
    {"LF CR is two line ends", "data: a\n\rdata: b\n\r"sv, "message[a]- message[b]- "},
    {"many blank lines between events", "data: a\n\n\n\n\ndata: b\n\n"sv, "message[a]- message[b]- "},
    {"blank lines before the first event", "\n\n\ndata: a\n\n"sv, "message[a]- "},
    {"a vertical tab ends no line", "data: a\vb\n\n"sv, "message[a\vb]- "},
    {"a form feed ends no line", "data: a\fb\n\n"sv, "message[a\fb]- "},
    {"U+2028 ends no line",
     "data: a\xE2\x80\xA8"
     "b\n\n"sv,
     "message[a\xE2\x80\xA8"
     "b]- "},
    {"NEL ends no line",
     "data: a\xC2\x85"
     "b\n\n"sv,
     "message[a\xC2\x85"
     "b]- "},
    // The byte order mark
    {"one BOM at the beginning is ignored",
     "\xEF\xBB\xBF"
     "data: a\n\n"sv,
     "message[a]- "},
    {"a second BOM belongs to the field's name",
     "\xEF\xBB\xBF\xEF\xBB\xBF"
     "data: a\n\n"sv,
     ""},
    {"a BOM on a later line is no BOM",
     "\n\xEF\xBB\xBF"
     "data: a\n\n"sv,
     ""},
    {"a BOM in data stays",
     "data: \xEF\xBB\xBF"
     "a\n\n"sv,
     "message[\xEF\xBB\xBF"
     "a]- "},
    {"a BOM before a comment", "\xEF\xBB\xBF:c\ndata: a\n\n"sv, "message[a]- "},
    {"a BOM before a blank line", "\xEF\xBB\xBF\ndata: a\n\n"sv, "message[a]- "},
    {"a BOM alone", "\xEF\xBB\xBF"sv, "!"},
    {"two bytes of a BOM are no BOM",
     "\xEF\xBB"
     "data: a\n\n"sv,
     ""},
    // Comments
    {"a comment is no event", ": hello\n\n"sv, ""},
    {"a colon alone is a comment", ":\n\n"sv, ""},
    {"a comment within an event", "data: a\n: c\ndata: b\n\n"sv, "message[a\nb]- "},
    {"a comment does not end an event", "data: a\n:\n"sv, "!"},
    {"a comment that looks like a field", ":data: a\n\n"sv, ""},
    {"comments with CRLF", ":a\r\n:b\r\n\r\n"sv, ""},
    {"an unfinished comment is unfinished", ": hal"sv, "!"},
    // Field syntax
    {"no space after the colon", "data:a\n\n"sv, "message[a]- "},
    {"one leading space is dropped", "data: a\n\n"sv, "message[a]- "},
    {"only one leading space is dropped", "data:  a\n\n"sv, "message[ a]- "},
    {"a tab is no space", "data:\ta\n\n"sv, "message[\ta]- "},
    {"space at the end stays", "data: a \n\n"sv, "message[a ]- "},
    {"space before the colon belongs to the name", "data : a\n\n"sv, ""},
    {"space before the name belongs to it", " data: a\n\n"sv, ""},
    {"names are case-sensitive", "Data: a\nDATA: b\n\n"sv, ""},
    {"a name that begins like data is another", "dataset: a\n\n"sv, ""},
    {"a name that is the beginning of data is another", "dat: a\n\n"sv, ""},
    {"unknown fields are ignored", "foo: bar\ndata: a\nbaz\n\n"sv, "message[a]- "},
    {"more colons belong to the value", "data: a:b:c\n\n"sv, "message[a:b:c]- "},
    {"a colon first in the value stays", "data::a\n\n"sv, "message[:a]- "},
    {"a NUL in data stays", "data: a\0b\n\n"sv, "message[a\0b]- "sv},
    // Data
    {"data without a colon is an empty line", "data\n\n"sv, "message[]- "},
    {"data with an empty value is an event", "data:\n\n"sv, "message[]- "},
    {"data with only the space is empty", "data: \n\n"sv, "message[]- "},
    {"two empty data lines are one LF", "data\ndata\n\n"sv, "message[\n]- "},
    {"three empty data lines are two LF", "data:\ndata:\ndata:\n\n"sv, "message[\n\n]- "},
    {"data lines are joined with LF", "data: a\ndata: b\ndata: c\n\n"sv, "message[a\nb\nc]- "},
    {"CRLF lines are joined with LF too", "data: a\r\ndata: b\r\n\r\n"sv, "message[a\nb]- "},
    {"an empty line of data first", "data\ndata: a\n\n"sv, "message[\na]- "},
    {"an empty line of data last", "data: a\ndata\n\n"sv, "message[a\n]- "},
    {"data lines with other fields between", "data: a\nid: 1\nevent: e\ndata: b\n\n"sv, "e[a\nb]#1 "},
    {"data of one event does not reach the next", "data: a\ndata: b\n\ndata: c\n\n"sv,
     "message[a\nb]- message[c]- "},
    {"JSON comes as it is", "data: {\"a\": [1, \"x\\ny\"]}\n\n"sv, "message[{\"a\": [1, \"x\\ny\"]}]- "},
    // Types
    {"event sets the type", "event: ping\ndata: a\n\n"sv, "ping[a]- "},
    {"the last event field counts", "event: a\nevent: b\ndata: x\n\n"sv, "b[x]- "},
    {"an empty event field is the default type", "event: a\nevent:\ndata: x\n\n"sv, "message[x]- "},
    {"event without a colon is the default type", "event\ndata: x\n\n"sv, "message[x]- "},
    {"the type does not reach the next event", "event: a\ndata: x\n\ndata: y\n\n"sv, "a[x]- message[y]- "},
    {"the type of an event without data is forgotten", "event: a\n\ndata: y\n\n"sv, "message[y]- "},
    {"the type may come after the data", "data: x\nevent: a\n\n"sv, "a[x]- "},
    {"a type with space in it", "event: a b\ndata: x\n\n"sv, "a b[x]- "},
    // Ids
    {"id sets the id", "id: 7\ndata: a\n\n"sv, "message[a]#7 "},
    {"the id stays for later events", "id: 7\ndata: a\n\ndata: b\n\n"sv, "message[a]#7 message[b]#7- "},
    {"a later id replaces it", "id: 7\ndata: a\n\nid: 8\ndata: b\n\n"sv, "message[a]#7 message[b]#8 "},
    {"an empty id clears it", "id: 7\ndata: a\n\nid:\ndata: b\n\n"sv, "message[a]#7 message[b]# "},
    {"id without a colon clears it", "id: 7\ndata: a\n\nid\ndata: b\n\n"sv, "message[a]#7 message[b]# "},
    {"an id with NUL is ignored",
     "id: 7\ndata: a\n\nid: 8\0"
     "9\ndata: b\n\n"sv,
     "message[a]#7 message[b]#7- "},
    {"an id that is NUL alone is ignored", "id: \0\ndata: b\n\n"sv, "message[b]- "},
    {"the last id of an event counts", "id: 1\nid: 2\ndata: a\n\n"sv, "message[a]#2 "},
    {"the id may come after the data", "data: a\nid: 3\n\n"sv, "message[a]#3 "},
    {"an id without data moves with its blank line", "id: 4\n\ndata: b\n\n"sv, "message[b]#4- "},
    {"ids are text", "id: 1764-0 \xC3\xA4\ndata: a\n\n"sv, "message[a]#1764-0 \xC3\xA4 "},
    // Retry
    {"retry of digits", "retry: 1500\n\n"sv, "~1500"},
    {"retry needs no blank line", "retry: 10\n"sv, "~10"},
    {"retry of zero", "retry: 0\n\n"sv, "~0"},
    {"retry with leading zeros", "retry: 007\n\n"sv, "~7"},
    {"retry with a sign is ignored", "retry: -5\nretry: +5\n\n"sv, ""},
    {"retry with a fraction is ignored", "retry: 1.5\n\n"sv, ""},
    {"retry with a unit is ignored", "retry: 3s\n\n"sv, ""},
    {"retry with two spaces is ignored", "retry:  3\n\n"sv, ""},
    {"retry with space at its end is ignored", "retry: 3 \n\n"sv, ""},
    {"an empty retry is ignored", "retry:\nretry\n\n"sv, ""},
    {"a wrong retry keeps the last right one", "retry: 5\nretry: x\n\n"sv, "~5"},
    {"a retry beyond all measure is the longest", "retry: 99999999999999999999\n\n"sv, "~2147483647"},
    {"retry within an event", "data: a\nretry: 20\n\n"sv, "message[a]- ~20"},
    // Ends
    {"an event without its blank line is dropped", "data: a\n"sv, "!"},
    {"an event within a line is dropped", "data: a"sv, "!"},
    {"an event cut in a field's name is dropped", "data: a\n\nda"sv, "message[a]- !"},
    {"an event that is only an id so far is unfinished", "data: a\n\nid: 9\n"sv, "message[a]- !"},
    {"an event that is only a type so far is unfinished", "event: e\n"sv, "!"},
    {"the end after a whole event is clean", "id: 1\ndata: a\n\n: bye\n"sv, "message[a]#1 "},
    {"an event is complete at the CR of its blank line", "data: a\n\r"sv, "message[a]- "},
    // UTF-8
    {"UTF-8 passes", "data: \xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80\n\n"sv,
     "message[\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80]- "},
    {"invalid UTF-8 is passed as it came", "data: \xFF\xC3(\n\n"sv, "message[\xFF\xC3(]- "},
    {"the standard's example: three events",
     ": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event\n"sv,
     "message[first event]#1 message[second event]# !"},
    {"the standard's example: stocks", "data: YHOO\ndata: +2\ndata: 10\n\n"sv, "message[YHOO\n+2\n10]- "},
};

}  // namespace

BOOST_AUTO_TEST_SUITE(sse_parser_reads)

BOOST_AUTO_TEST_CASE(the_whole_event_stream_format_at_any_chunk_size_and_every_split) {
  static_assert(std::size(table) >= 80);
  for (const auto& item : table) {
    BOOST_TEST_CONTEXT(item.promise) {
      for (const std::size_t size :
           {std::size_t{1}, std::size_t{2}, std::size_t{3}, std::size_t{7}, item.input.size() + 1}) {
        BOOST_TEST_CONTEXT("chunks of " << size)
        BOOST_TEST(read_in_chunks(item.input, size) == item.expected);
      }
      for (std::size_t at = 0; at <= item.input.size(); ++at) {
        BOOST_TEST_CONTEXT("split at " << at) BOOST_TEST(read_split(item.input, at) == item.expected);
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(an_event_behind_another_one_is_read_the_same_whole_and_byte_by_byte) {
  const std::string before = "id: 0\nevent: e\ndata: before\n\n";
  const std::string after = "data: after\n\n";
  for (const auto& item : table) {
    BOOST_TEST_CONTEXT(item.promise) {
      const std::string input = before + std::string(item.input) + after;
      const std::string whole = read_in_chunks(input, input.size());
      BOOST_TEST(whole.starts_with("e[before]#0 "));
      BOOST_TEST(whole == read_in_chunks(input, 1));
    }
  }
}

BOOST_AUTO_TEST_CASE(an_event_cut_before_its_blank_line_does_not_move_the_id) {
  const auto input = "id: 1\ndata: a\n\nid: 2\ndata: b\n\n"sv;
  const auto first_complete = input.find("\n\n") + 2;
  for (std::size_t cut = 0; cut <= input.size(); ++cut) {
    sse_parser parser;
    std::string out;
    feed_copy(parser, input.substr(0, cut), out);
    const auto expected = cut < first_complete ? ""sv : cut < input.size() ? "1"sv : "2"sv;
    BOOST_TEST_CONTEXT("cut at " << cut) BOOST_TEST(parser.last_event_id() == expected);
  }
}

BOOST_AUTO_TEST_CASE(an_event_that_lies_whole_in_one_chunk_is_not_copied) {
  const std::string chunk = "id: 1\nevent: e\ndata: {\"n\":1}\n\ndata: two\n\n";
  const auto within = [&](std::string_view view) {
    return std::greater_equal<>()(view.data(), chunk.data()) &&
           std::less<>()(view.data(), chunk.data() + chunk.size());
  };
  sse_parser parser;
  parser.feed(chunk);
  const auto first = parser.next();
  BOOST_TEST_REQUIRE(first.has_value());
  BOOST_TEST(within(first->data));
  BOOST_TEST(within(first->type));
  const auto second = parser.next();
  BOOST_TEST_REQUIRE(second.has_value());
  BOOST_TEST(within(second->data));
}

BOOST_AUTO_TEST_CASE(an_event_of_one_megabyte_comes_whole_from_chunks_of_any_size) {
  const std::string body(1'000'000, 'x');
  const std::string input = "data: " + body + "\n\n";
  for (const std::size_t size : {std::size_t{1}, std::size_t{1460}, std::size_t{16 * 1024}, input.size()}) {
    sse_parser parser;
    std::size_t events = 0;
    for (std::size_t at = 0; at < input.size(); at += size) {
      parser.feed(std::string_view(input).substr(at, size));
      while (auto event = parser.next()) {
        ++events;
        BOOST_TEST((event->data == body));
      }
    }
    BOOST_TEST(events == 1U);
  }
}

// Counted in time, with a margin that only a quadratic parser exceeds.
BOOST_AUTO_TEST_CASE(time_is_linear_in_the_bytes_whatever_the_line_ends_and_chunk_sizes) {
  const auto seconds_for = [](std::string_view line_end, std::size_t events, std::size_t chunk) {
    std::string input;
    for (std::size_t i = 0; i < events; ++i)
      input.append("data: some text").append(line_end).append(line_end);
    sse_parser parser;
    std::size_t seen = 0;
    const auto begin = std::chrono::steady_clock::now();
    for (std::size_t at = 0; at < input.size(); at += chunk) {
      parser.feed(std::string_view(input).substr(at, chunk));
      while (parser.next()) ++seen;
    }
    BOOST_TEST(seen == events);
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  };
  for (const auto line_end : {"\n"sv, "\r"sv, "\r\n"sv}) {
    const double small = seconds_for(line_end, 10'000, std::size_t{1} << 30);
    const double large = seconds_for(line_end, 80'000, std::size_t{1} << 30);
    BOOST_TEST(large < 40 * small + 0.05);
  }
}

BOOST_AUTO_TEST_CASE(comments_are_counted_and_are_no_events) {
  sse_parser parser;
  std::string out;
  feed_copy(parser, ": one\n:\n: two\n\n", out);
  BOOST_TEST(out.empty());
  BOOST_TEST(parser.comments() == 3U);
  BOOST_TEST(!parser.unfinished());
}

BOOST_AUTO_TEST_CASE(a_line_beyond_the_limit_is_a_problem_and_no_memory) {
  sse_limits limits;
  limits.line = 100;
  for (const std::size_t size : {std::size_t{1}, std::size_t{7}, std::size_t{1000}}) {
    sse_parser parser(limits);
    const std::string input = "data: a\n\ndata: " + std::string(200, 'x') + "\n\n";
    std::string out;
    for (std::size_t at = 0; at < input.size(); at += size)
      feed_copy(parser, std::string_view(input).substr(at, size), out);
    BOOST_TEST(out == "message[a]- ");
    BOOST_TEST((parser.problem() == sse_problem::line_too_long));
    BOOST_TEST(!parser.next().has_value());
  }
}

BOOST_AUTO_TEST_CASE(an_event_of_many_short_lines_beyond_the_limit_is_a_problem) {
  sse_limits limits;
  limits.event = 1000;
  sse_parser parser(limits);
  std::string out;
  for (int i = 0; i < 200; ++i) feed_copy(parser, "data: 0123456789\n", out);
  feed_copy(parser, "\n", out);
  BOOST_TEST(out.empty());
  BOOST_TEST((parser.problem() == sse_problem::event_too_long));
}

BOOST_AUTO_TEST_CASE(reset_forgets_all_of_an_earlier_connection) {
  sse_parser parser;
  std::string out;
  feed_copy(parser, "id: 1\nretry: 5\ndata: a\n\nid: 2\ndata: b", out);
  parser.reset();
  BOOST_TEST(!parser.unfinished());
  BOOST_TEST(parser.last_event_id().empty());
  out.clear();
  feed_copy(parser,
            "\xEF\xBB\xBF"
            "data: c\n\n",
            out);
  BOOST_TEST(out == "message[c]- ");
}

BOOST_AUTO_TEST_SUITE_END()
