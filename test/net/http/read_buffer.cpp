#include "net/http/read_buffer.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <string>

using mistral::workflows::net::read_buffer;

namespace {

/// One read that finds so many bytes; how many it could take.
std::size_t read(read_buffer& buffer, std::size_t there, std::size_t most = 64 * 1024) {
  const auto room = buffer.prepare(most);
  const std::size_t taken = std::min(there, room.size());
  std::fill_n(room.begin(), taken, 'x');
  buffer.commit(taken);
  return room.size();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(reading)

BOOST_AUTO_TEST_CASE(a_buffer_is_small_until_a_read_fills_it) {
  read_buffer buffer;
  for (int i = 0; i < 3; ++i) {
    BOOST_TEST(read(buffer, 500) == read_buffer::first_size);
    buffer.consume(500);
  }
  BOOST_TEST(read(buffer, 100'000) == read_buffer::first_size);
  buffer.consume(read_buffer::first_size);
  BOOST_TEST(read(buffer, 10) == read_buffer::usual_size);
  BOOST_TEST(buffer.unread() == std::string(10, 'x'));
}

BOOST_AUTO_TEST_CASE(a_buffer_whose_bytes_nobody_consumes_grows_up_to_the_bound_and_keeps_them) {
  read_buffer buffer;
  std::size_t had = 0;
  while (read(buffer, 1000, 10'000) != 0) {
    BOOST_TEST(buffer.unread().size() > had);
    had = buffer.unread().size();
  }
  BOOST_TEST(buffer.unread() == std::string(10'000, 'x'));
  BOOST_TEST(buffer.capacity() == 10'000u);
}

BOOST_AUTO_TEST_CASE(a_bound_below_the_first_size_holds) {
  read_buffer buffer;
  BOOST_TEST(read(buffer, 5000, 200) == 200u);
  buffer.consume(200);
  BOOST_TEST(read(buffer, 5000, 200) == 200u);
}

BOOST_AUTO_TEST_CASE(a_buffer_for_a_stream_grows_further_and_gives_a_large_block_back_while_it_is_empty) {
  read_buffer buffer;
  buffer.allow_large(true);
  BOOST_TEST(read(buffer, 100'000) == read_buffer::first_size);
  buffer.release_large();
  BOOST_TEST(buffer.capacity() == read_buffer::first_size);  // what is small, or in use, stays
  buffer.consume(read_buffer::first_size);
  BOOST_TEST(read(buffer, 10) == read_buffer::large_size);
  BOOST_TEST(buffer.roomy());
  buffer.release_large();
  BOOST_TEST(buffer.unread() == std::string(10, 'x'));
  buffer.consume(10);
  buffer.release_large();
  BOOST_TEST(buffer.capacity() == 0u);
  BOOST_TEST(read(buffer, 60'000) ==
             read_buffer::large_size);  // there was much before, so there may be again
  BOOST_TEST(!buffer.roomy());
}

BOOST_AUTO_TEST_SUITE_END()
