// Every answer is read again in fragments of each size:
// what a server means must not depend on how TCP cuts it.
#include "net/channel/memory_channel.hpp"
#include "net/support.hpp"

#include <functional>
#include <limits>
#include <vector>

using namespace test;

namespace {

constexpr std::size_t fragment_sizes[] = {
    1, 2, 3, 4, 5, 6, 7, 8, 16, 31, std::numeric_limits<std::size_t>::max()};

enum class ending { stays_open, ends, cut };

struct outcome {
  outcome() = default;
  int status = 0;
  std::string body;
  std::string type;  // of Content-Type
  boost::system::error_code error;
  bool kept = false;  // the connection
  net::progress record;
};

outcome read(const std::string& bytes, std::size_t fragment, ending end,
             const std::function<void(net::pool_options&)>& change) {
  auto ends = net::memory_channel::make_pair(fragment);
  ends.second->try_write(bytes);
  if (end == ending::ends) ends.second->end();
  if (end == ending::cut) ends.second->cut();

  net::pool_options options(net::origin(true, "localhost", 443));
  options.connect = [&]() -> asio::awaitable<std::unique_ptr<net::channel>> {
    co_return std::move(ends.first);
  };
  if (change) change(options);
  asio::io_context io;
  net::pool pool(io.get_executor(), options);
  outcome result;
  try {
    run(io, [&]() -> asio::awaitable<void> {
      net::lease lease = co_await pool.acquire(net::kind::call, result.record);
      co_await lease.send(get);
      const net::response_head* const head = co_await lease.read_head();
      result.status = head->status();
      result.type = std::string(head->header("content-type"));
      while (co_await lease.read_some(result.body) != 0) {
      }
    });
  } catch (const net::failure& problem) {
    result.error = problem.code();
  }
  result.kept = pool.stats().idle == 1;
  BOOST_TEST(pool.stats().in_use == 0);
  return result;
}

void each_fragment_size(const std::string& bytes, ending end,
                        const std::function<void(const outcome&)>& check,
                        const std::function<void(net::pool_options&)>& change = nullptr) {
  for (const std::size_t size : fragment_sizes) {
    BOOST_TEST_CONTEXT("fragments of " << size << " bytes") check(read(bytes, size, end, change));
  }
}

void answers(const std::string& bytes, int status, const std::string& body, bool kept,
             ending end = ending::stays_open) {
  each_fragment_size(bytes, end, [&](const outcome& got) {
    BOOST_TEST(!got.error, got.error.message());
    BOOST_TEST(got.status == status);
    BOOST_TEST(got.body == body);
    BOOST_TEST(got.kept == kept);
    BOOST_TEST(got.record.request_sent);
    BOOST_TEST(got.record.answer_began);
  });
}

void fails(const std::string& bytes, boost::system::error_code why, ending end = ending::stays_open,
           const std::function<void(net::pool_options&)>& change = nullptr) {
  each_fragment_size(
      bytes, end,
      [&](const outcome& got) {
        BOOST_TEST(got.error == why, got.error.message());
        BOOST_TEST(!got.kept);
      },
      change);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(response)

BOOST_AUTO_TEST_CASE(a_body_with_its_length_is_read_and_the_connection_kept) {
  answers("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 7\r\n\r\n{\"a\":1}", 200,
          "{\"a\":1}", true);
}

BOOST_AUTO_TEST_CASE(chunks_are_joined_and_trailers_passed_over) {
  answers(
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6;x=\"y\"\r\n world\r\n0\r\nX-Sum: "
      "1\r\n\r\n",
      200, "hello world", true);
}

BOOST_AUTO_TEST_CASE(answers_without_a_body_are_complete_at_once) {
  answers("HTTP/1.1 204 No Content\r\n\r\n", 204, "", true);
  answers("HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n", 202, "", true);
  answers("HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", 304, "", true);
}

BOOST_AUTO_TEST_CASE(a_status_line_that_ends_behind_the_status_is_taken) {
  answers("HTTP/1.1 200\r\nContent-Length: 2\r\n\r\nhi", 200, "hi", true);
  answers("HTTP/1.1 100\r\n\r\nHTTP/1.1 204\r\n\r\n", 204, "", true);
  answers("HTTP/1.0 200\r\n\r\nhello", 200, "hello", false, ending::ends);
  fails("HTTP/1.1 200\n\r\n\r\n", net::error::malformed);
  fails("HTTP/1.1 20\r\n\r\n", net::error::malformed);
}

BOOST_AUTO_TEST_CASE(header_names_are_found_in_any_case_and_white_space_is_taken_off) {
  each_fragment_size("HTTP/1.1 200 OK\r\ncontent-TYPE:   text/plain; x=1 \r\nContent-Length: 0\r\n\r\n",
                     ending::stays_open,
                     [](const outcome& got) { BOOST_TEST(got.type == "text/plain; x=1"); });
}

BOOST_AUTO_TEST_CASE(a_body_until_the_end_of_the_connection_needs_a_proper_end) {
  answers("HTTP/1.1 200 OK\r\n\r\nhello", 200, "hello", false, ending::ends);
  fails("HTTP/1.1 200 OK\r\n\r\nhello", net::error::truncated, ending::cut);
}

BOOST_AUTO_TEST_CASE(connections_that_the_server_will_not_keep_are_not_kept) {
  for (const char* limit : {"timeout=0", "max=10, Timeout=0", "timeout=5, max=0"})
    answers("HTTP/1.1 200 OK\r\nKeep-Alive: " + std::string(limit) + "\r\nContent-Length: 2\r\n\r\nhi", 200,
            "hi", false);
  for (const char* limit :
       {"timeout=1", "timeout=4294967295", "timeout=99999999999999", "timeout=", "max=1", ",,", "="})
    answers("HTTP/1.1 200 OK\r\nKeep-Alive: " + std::string(limit) + "\r\nContent-Length: 2\r\n\r\nhi", 200,
            "hi", true);
  answers("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nhi", 200, "hi", false);
  answers("HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nhi", 200, "hi", false);
  answers("HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nhi", 200, "hi", true);
}

BOOST_AUTO_TEST_CASE(bytes_behind_the_answer_cost_the_connection) {
  each_fragment_size("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhiHTTP/1.1 200 OK\r\n", ending::stays_open,
                     [](const outcome& got) { BOOST_TEST(got.body == "hi"); });
  BOOST_TEST(!read("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi!", 100, ending::stays_open, nullptr).kept);
}

BOOST_AUTO_TEST_CASE(interim_answers_are_passed_over_up_to_a_bound) {
  const std::string interim = "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n";
  std::string some, flood;
  for (int i = 0; i < 3; ++i) some += interim;
  for (int i = 0; i < 100; ++i) flood += interim;
  answers("HTTP/1.1 100 Continue\r\nContent-Length: 0\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n", 204, "", true);
  answers(some + "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", 200, "hi", true);
  fails(flood, net::error::too_many_interim);
  fails("HTTP/1.1 101 Switching Protocols\r\n\r\n", net::error::malformed);
}

BOOST_AUTO_TEST_CASE(a_truncated_answer_is_an_error_wherever_it_is_cut) {
  const std::string whole = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
  const std::string chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n";
  for (const auto& answer : {whole, chunked}) {
    for (std::size_t at = 0; at < answer.size(); ++at) {
      for (const ending end : {ending::ends, ending::cut}) {
        const outcome got = read(answer.substr(0, at), 7, end, nullptr);
        BOOST_TEST((got.error == net::error::truncated), "cut at " << at << ": " << got.error.message());
        BOOST_TEST(got.record.answer_began == (at > 0));
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(what_contradicts_itself_is_refused) {
  const std::string ok = "HTTP/1.1 200 OK\r\n";
  fails(ok + "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello", net::error::malformed, ending::ends);
  fails(ok + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n", net::error::malformed, ending::ends);
  fails(ok + "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n", net::error::malformed, ending::ends);
  fails(ok + "Content-Length: -1\r\n\r\n", net::error::malformed, ending::ends);
  fails(ok + "Content-Length: 99999999999999999999\r\n\r\n", net::error::malformed, ending::ends);
  fails(ok + "Transfer-Encoding: chunked\r\n\r\nxyz\r\n", net::error::malformed, ending::ends);
  fails(ok + "Transfer-Encoding: chunked\r\n\r\n11111111111111111\r\n", net::error::malformed, ending::ends);
  fails(ok + "Transfer-Encoding: chunked\r\n\r\n2\r\nhiX\r\n0\r\n\r\n", net::error::malformed, ending::ends);
  fails("HTTP/2.0 200 OK\r\n\r\n", net::error::malformed, ending::ends);
  fails("<html>no HTTP at all</html>\r\n\r\n", net::error::malformed, ending::ends);
  fails("HTTP/1.1 099 Odd\r\n\r\n", net::error::malformed, ending::ends);
  fails(ok + "no colon\r\n\r\n", net::error::malformed, ending::ends);
  fails(ok + "Bare: \n\r\n\r\n", net::error::malformed, ending::ends);
}

BOOST_AUTO_TEST_CASE(a_head_over_its_limit_is_refused_however_it_is_cut) {
  const auto small = [](net::pool_options& options) { options.header_limit = 200; };
  std::string many = "HTTP/1.1 200 OK\r\n";
  while (many.size() < 400) many += "X-Filler: abc\r\n";
  fails(many + "\r\n", net::error::header_too_large, ending::stays_open, small);
  fails("HTTP/1.1 200 OK\r\nX-Long: " + std::string(400, 'x'), net::error::header_too_large,
        ending::stays_open, small);
  fails("HTTP/1.1 200 " + std::string(400, 'x'), net::error::header_too_large, ending::stays_open, small);
}

BOOST_AUTO_TEST_CASE(a_head_just_within_64_kib_is_read) {
  const std::string bytes =
      "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nX-Long: " + std::string(65'000, 'x') + "\r\n\r\n";
  for (const std::size_t size : {1000, 16'384, 100'000}) {
    const outcome got = read(bytes, size, ending::stays_open, nullptr);
    BOOST_TEST(got.status == 200, got.error.message());
  }
}

BOOST_AUTO_TEST_CASE(a_body_over_its_limit_is_refused_in_every_framing) {
  const auto small = [](net::pool_options& options) { options.body_limit = 10; };
  fails("HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\nhello world", net::error::body_too_large,
        ending::stays_open, small);
  fails("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n6\r\nhello \r\n5\r\nworld\r\n0\r\n\r\n",
        net::error::body_too_large, ending::stays_open, small);
  fails("HTTP/1.1 200 OK\r\n\r\nhello world", net::error::body_too_large, ending::ends, small);
}

BOOST_AUTO_TEST_CASE(endless_chunk_extensions_and_trailers_are_refused) {
  const std::string head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (const std::string& bytes :
       {head + "5;x=" + std::string(200'000, 'y'), head + "0\r\nX: " + std::string(200'000, 'y')}) {
    BOOST_TEST((read(bytes, 5000, ending::stays_open, nullptr).error == net::error::malformed));
  }
}

BOOST_AUTO_TEST_CASE(a_header_folded_over_lines_is_refused) {
  const std::string ok = "HTTP/1.1 200 OK\r\n";
  fails(ok + "Content-Type: a\r\n b\r\nContent-Length: 0\r\n\r\n", net::error::malformed);
  fails(ok + "Content-Length: 0\r\nX:\r\n\tb\r\n\r\n", net::error::malformed);
  fails(ok + "Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n", net::error::malformed);
  fails(ok + " X: b\r\nContent-Length: 0\r\n\r\n", net::error::malformed);
  answers(ok + "Content-Length: 3\r\n\r\n\r\n ", 200, "\r\n ", true);  // in a body it means nothing
}

BOOST_AUTO_TEST_CASE(framing_that_two_readers_could_understand_differently_is_refused) {
  const std::string ok = "HTTP/1.1 200 OK\r\n";
  for (const std::string& head : {
           ok + "Content-Length: 5\r\nContent-Length: 5\r\n",
           ok + "Content-Length: 5, 5\r\n",
           ok + "Content-Length: 5,\r\n",
           ok + "Content-Length: +5\r\n",
           ok + "Content-Length: 0x5\r\n",
           ok + "Content-Length: 5 5\r\n",
           ok + "Content-Length:\r\n",
           ok + "Content-Length : 5\r\n",
           ok + "Transfer-Encoding: identity\r\nContent-Length: 5\r\n",
           ok + "Content-Length: 5\r\nTransfer-Encoding: identity\r\n",
           ok + "Transfer-Encoding: gzip, chunked\r\n",
           ok + "Transfer-Encoding: chunked, gzip\r\n",
           ok + "Transfer-Encoding: chunked, chunked\r\n",
           ok + "Transfer-Encoding: xchunked\r\n",
           ok + "Transfer-Encoding: \"chunked\"\r\n",
           ok + "Transfer-Encoding: chunked;q=1\r\n",
           ok + "Transfer-Encoding : chunked\r\n",
           ok + "Transfer-Encoding:\r\n",
           ok + "Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n",
           ok + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
           std::string("HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n"),
           ok + "X-Nul: a" + std::string(1, '\0') + "b\r\nContent-Length: 5\r\n",
           ok + "X-Cr: a\rContent-Length: 3\r\nContent-Length: 5\r\n",
           ok + ": no name\r\nContent-Length: 5\r\n",
           ok + "X Y: space\r\nContent-Length: 5\r\n",
           std::string("HTTP/1.1 200 OK\nContent-Length: 5\r\n"),
           std::string("HTTP/1.1 103 Early Hints\r\nContent-Length: 5\r\n"),
           std::string("HTTP/1.1 100 Continue\r\nTransfer-Encoding: chunked\r\n"),
       }) {
    BOOST_TEST_CONTEXT(head) fails(head + "\r\nhello", net::error::malformed, ending::ends);
  }
}

BOOST_AUTO_TEST_CASE(chunk_sizes_are_hexadecimal_digits_and_nothing_else) {
  const std::string head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (const std::string size :
       {"", " 5", "0x5", "-5", "+5", "5h", "g", "5\n", "\r", "5;=", "fffffffffffffffff"}) {
    BOOST_TEST_CONTEXT(size)
    fails(head + size + "\r\nhello\r\n0\r\n\r\n", net::error::malformed, ending::ends);
  }
  fails(head + "5\nhello\r\n0\r\n\r\n", net::error::malformed, ending::ends);
  fails(head + "5\r\nhello\n0\r\n\r\n", net::error::malformed, ending::ends);
  fails(head + "5\r\nhello0\r\n\r\n", net::error::malformed, ending::ends);
  fails(head + "ffffffffffffffff\r\nhello\r\n0\r\n\r\n", net::error::body_too_large, ending::ends);
  answers(head + "005\r\nhello\r\n000\r\n\r\n", 200, "hello", true);
}

BOOST_AUTO_TEST_CASE(a_connection_whose_answer_may_be_followed_by_its_body_is_not_kept) {
  answers("HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n", 204, "", false);
  answers("HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n", 204, "", false);
  answers("HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n", 204, "", true);
  answers("HTTP/1.0 200 OK\r\nProxy-Connection: keep-alive\r\nContent-Length: 2\r\n\r\nhi", 200, "hi", false);
  answers("HTTP/1.1 200 OK\r\nProxy-Connection: keep-alive\r\nContent-Length: 2\r\n\r\nhi", 200, "hi", true);
  answers("HTTP/1.1 200 OK\r\nConnection: keep-alive, close\r\nContent-Length: 2\r\n\r\nhi", 200, "hi",
          false);
}

BOOST_AUTO_TEST_SUITE_END()
