// What Boost.JSON's parser calls for each piece of a document: it passes whole strings, keys and numbers to a reader.
// Not where values go: that is the reader's business.
#pragma once

#include "protocol/json/reader_events.hpp"

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

  bool go(bool good, error_code& ec) {
    if (!good) ec = boost::json::error::exception;
    return good;
  }
  std::string_view joined(boost::json::string_view last) {
    if (part_.empty()) return {last.data(), last.size()};
    part_.append(last.data(), last.size());
    return part_;
  }
  bool done(bool good, error_code& ec) {
    if (!part_.empty()) part_.clear();
    return go(good, ec);
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
  bool on_key(boost::json::string_view s, std::size_t, error_code& ec) {
    const bool plain = part_.empty() && reader_.in_text(s.data());
    return done(reader_.key(joined(s), plain ? s.data() : nullptr), ec);
  }
  bool on_string_part(boost::json::string_view s, std::size_t, error_code&) { return add(s); }
  bool on_string(boost::json::string_view s, std::size_t, error_code& ec) {
    return done(reader_.string(joined(s)), ec);
  }
  bool on_number_part(boost::json::string_view s, error_code&) { return add(s); }
  bool on_int64(std::int64_t v, boost::json::string_view s, error_code& ec) {
    return done(reader_.integer(v, joined(s)), ec);
  }
  bool on_uint64(std::uint64_t v, boost::json::string_view s, error_code& ec) {
    return done(reader_.natural(v, joined(s)), ec);
  }
  bool on_double(double v, boost::json::string_view s, error_code& ec) { return done(reader_.real(v, joined(s)), ec); }
  bool on_bool(bool v, error_code& ec) { return go(reader_.boolean(v), ec); }
  bool on_null(error_code& ec) { return go(reader_.null(), ec); }
  bool on_comment_part(boost::json::string_view, error_code&) { return true; }
  bool on_comment(boost::json::string_view, error_code&) { return true; }

 private:
  reader& reader_;
  std::string part_;
};

}  // namespace mistral::workflows::protocol
