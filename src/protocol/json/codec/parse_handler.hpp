// What Boost.JSON's parser calls for each piece of a document:
// it passes whole strings, keys and numbers to a reader.
// Not where values go: that is the reader's business.
#pragma once

#include "protocol/json/codec/reader_events.hpp"

#include <boost/config.hpp>
#include <boost/json/error.hpp>

namespace mistral::workflows::protocol {

/// The parser hands out strings, keys and numbers in parts where they are not whole in the text.
struct parse_handler {
  static constexpr std::size_t max_object_size = std::size_t(-1);
  static constexpr std::size_t max_array_size = std::size_t(-1);
  static constexpr std::size_t max_key_size = std::size_t(-1);
  static constexpr std::size_t max_string_size = std::size_t(-1);

  explicit parse_handler(reader& r) : reader_(r) {}

  using error_code = boost::system::error_code;

  static bool go(bool good, error_code& ec) {
    if (!good) stop(ec);
    return good;
  }
  /// All of what came in parts, but mostly it came at once.
  std::string_view whole(boost::json::string_view last) {
    if (part_.empty()) return {last.data(), last.size()};
    part_.append(last.data(), last.size());
    return part_;
  }
  bool done(bool good, error_code& ec) {
    part_.clear();
    return go(good, ec);
  }
  /// Off the way of keys and strings that came at once.
  BOOST_NOINLINE bool last_of_key(boost::json::string_view s) {
    part_.append(s.data(), s.size());
    const bool good = reader_.key(part_);
    part_.clear();
    return good;
  }
  BOOST_NOINLINE bool last_of_string(boost::json::string_view s) {
    part_.append(s.data(), s.size());
    const bool good = reader_.string(part_);
    part_.clear();
    return good;
  }
  bool add(boost::json::string_view s) {
    part_.append(s.data(), s.size());
    return true;
  }

  bool on_document_begin(error_code&) { return true; }
  bool on_document_end(error_code&) { return true; }
  bool on_object_begin(error_code& ec) { return go(reader_.object_begins(), ec); }
  bool on_object_end(std::size_t n, error_code& ec) { return go(reader_.object_ends(n), ec); }
  bool on_array_begin(error_code& ec) { return go(reader_.array_begins(), ec); }
  bool on_array_end(std::size_t n, error_code& ec) { return go(reader_.array_ends(n), ec); }
  bool on_key_part(boost::json::string_view s, std::size_t, error_code&) { return add(s); }
  BOOST_FORCEINLINE bool on_key(boost::json::string_view s, std::size_t, error_code& ec) {
    return go(part_.empty() ? reader_.key({s.data(), s.size()}) : last_of_key(s), ec);
  }
  bool on_string_part(boost::json::string_view s, std::size_t, error_code&) { return add(s); }
  BOOST_FORCEINLINE bool on_string(boost::json::string_view s, std::size_t, error_code& ec) {
    return go(part_.empty() ? reader_.string({s.data(), s.size()}) : last_of_string(s), ec);
  }
  bool on_number_part(boost::json::string_view s, error_code&) { return add(s); }
  bool on_int64(std::int64_t v, boost::json::string_view s, error_code& ec) {
    return done(reader_.integer(v, whole(s)), ec);
  }
  bool on_uint64(std::uint64_t v, boost::json::string_view s, error_code& ec) {
    return done(reader_.natural(v, whole(s)), ec);
  }
  bool on_double(double v, boost::json::string_view s, error_code& ec) {
    return done(reader_.real(v, whole(s)), ec);
  }
  bool on_bool(bool v, error_code& ec) { return go(reader_.boolean(v), ec); }
  bool on_null(error_code& ec) { return go(reader_.null(), ec); }
  bool on_comment_part(boost::json::string_view, error_code&) { return true; }
  bool on_comment(boost::json::string_view, error_code&) { return true; }

 private:
  BOOST_NOINLINE static void stop(error_code& ec) { ec = boost::json::error::exception; }

  reader& reader_;
  std::string part_;
};

}  // namespace mistral::workflows::protocol
