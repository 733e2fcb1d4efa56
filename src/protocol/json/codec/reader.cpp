#include "protocol/json/codec/reader.hpp"

#include "protocol/json/codec/codec_any.hpp"
#include "protocol/json/codec/parse_handler.hpp"
#include "protocol/json/codec/reader_events.hpp"

#include <boost/json/basic_parser_impl.hpp>

#include <cstdint>
#include <cstring>
#include <utility>

namespace mistral::workflows::protocol {
namespace json = boost::json;

namespace {

bool is_ascii(std::string_view text) {
  using word = std::uint64_t;
  constexpr std::size_t step = 8;
  std::size_t i = 0;
  word all = 0;
  const auto take = [&](std::size_t at) {
    word w;
    std::memcpy(&w, text.data() + at, sizeof w);
    all |= w;
  };
  for (; i + step * sizeof(word) <= text.size(); i += step * sizeof(word))
    [&]<std::size_t... K>(std::index_sequence<K...>) {
      (take(i + K * sizeof(word)), ...);
    }(std::make_index_sequence<step>());
  for (; i + sizeof(word) <= text.size(); i += sizeof(word)) take(i);
  for (; i < text.size(); ++i) all |= static_cast<unsigned char>(text[i]);
  return (all & 0x8080808080808080) == 0;
}

}  // namespace

void reader::next_element() {
  const array_table& array = *top_->array;
  table_ = array.element;
  const std::size_t index = top_->next++;
  if (index == 1 && array.reserve) make_room(*top_);
  if (index < array.at_most)
    target_ = array.append(top_->target, index, table_);
  else
    table_ = nullptr;
}

bool reader::object_begins(const json::value* source) {
  if (mode_ == mode::typed) begin_element();
  ++depth_;
  if (mode_ != mode::typed) return true;
  if (!table_) {
    mode_ = mode::skip;
    resume_depth_ = depth_ - 1;
    return true;
  }
  if (!table_->object) return mismatch("an object");
  if (!source) return table_->object(*this, target_);
  const std::size_t before = frames_.size();
  if (!table_->object(*this, target_)) return false;
  if (frames_.size() > before) top_->source = source;
  return true;
}

bool reader::object_ends(std::size_t members) {
  --depth_;
  if (mode_ != mode::typed) return other_object_ends(members);
  if (top_->what == frame::kind::object) {
    const object_hooks* const hooks = top_->hooks;
    const bool good =
        hooks && hooks->finish ? hooks->finish(*this, *top_) : complete(*top_) || check_required(*top_);
    if (!good) return false;
    // A guard around this object may have taken the blame and the frame with it.
    if (top_ == nullptr || top_->depth != depth_ + 1) return true;
  }
  pop();
  return true;
}

bool reader::other_object_ends(std::size_t members) {
  if (mode_ == mode::any) {
    if (any_open_) {
      any_->push_object(members);
      return any_ends();
    }
    mode_ = mode::typed;
    return any_done_(*this, any_target_, json::value(json::object_kind));
  }
  if (depth_ == resume_depth_) mode_ = mode::typed;
  return true;
}

bool reader::array_begins() {
  if (mode_ == mode::typed) begin_element();
  ++depth_;
  if (mode_ != mode::typed) return true;
  if (!table_) {
    mode_ = mode::skip;
    resume_depth_ = depth_ - 1;
    return true;
  }
  if (!table_->array) return mismatch("an array");
  if (!table_->array(*this, target_)) return false;
  if (mode_ == mode::any) open_any();
  return true;
}

bool reader::array_ends(std::size_t elements) {
  --depth_;
  if (mode_ == mode::typed) {
    const std::size_t count = top_->next;
    const array_table& table = *top_->array;
    pop();
    if (count < table.at_least || count > table.at_most) return fail("an array of the wrong length");
    return true;
  }
  if (mode_ == mode::any) {
    any_->push_array(elements);
    return any_ends();
  }
  if (depth_ == resume_depth_) mode_ = mode::typed;
  return true;
}

bool reader::any_ends() {
  if (depth_ != resume_depth_) return true;
  mode_ = mode::typed;
  return any_done_(*this, any_target_, any_->release());
}

bool reader::other_string(std::string_view text) {
  if (mode_ == mode::any) any_->push_string({text.data(), text.size()});
  return true;
}

bool reader::integer(std::int64_t value, std::string_view text) {
  if (mode_ == mode::typed) {
    begin_element();
    if (!table_) return true;
    if (!table_->integer) return mismatch("a number");
    return table_->integer(*this, target_, value, text);
  }
  if (mode_ == mode::any) any_->push_int64(value);
  return true;
}

bool reader::natural(std::uint64_t value, std::string_view text) {
  if (mode_ == mode::typed) {
    begin_element();
    if (!table_) return true;
    if (!table_->natural) return mismatch("a number");
    return table_->natural(*this, target_, value, text);
  }
  if (mode_ == mode::any) any_->push_uint64(value);
  return true;
}

bool reader::real(double approximation, std::string_view text) {
  if (mode_ == mode::typed) {
    begin_element();
    if (!table_) return true;
    if (!table_->real) return mismatch("a number");
    return table_->real(*this, target_, approximation, text);
  }
  if (mode_ == mode::any) {
    const json::value number = any_number(approximation, text);
    if (number.is_double())
      any_->push_double(number.get_double());
    else
      any_->push_string({text.data(), text.size()});
  }
  return true;
}

bool reader::boolean(bool value) {
  if (mode_ == mode::typed) {
    begin_element();
    if (!table_) return true;
    if (!table_->boolean) return mismatch("a boolean");
    return table_->boolean(*this, target_, value);
  }
  if (mode_ == mode::any) any_->push_bool(value);
  return true;
}

bool reader::null() {
  if (mode_ == mode::typed) {
    begin_element();
    if (!table_) return true;
    if (table_->null) return table_->null(*this, target_);
    if (top_ && top_->what == frame::kind::object && top_->current && top_->current->restore) {
      top_->current->restore(top_->target);
      return true;
    }
    return mismatch("null");
  }
  if (mode_ == mode::any) any_->push_null();
  return true;
}

void reader::pop() {
  frames_.pop_back();
  if (!frames_.empty()) {
    --top_;
    return;
  }
  top_ = nullptr;
  table_ = nullptr;
}

std::optional<decode_problem> reader::read(std::string_view text, const value_table& table, void* target) {
  return run(text, true, table, target);
}

std::optional<decode_problem> reader::read_prefix(std::string_view text, const value_table& table,
                                                  void* target) {
  return run(text, false, table, target);
}

std::optional<decode_problem> reader::run(std::string_view text, bool whole_document,
                                          const value_table& table, void* target) {
  text_ = text;
  aim(&table, target);
  json::parse_options options;
  options.max_depth = limits_.max_depth;
  options.allow_invalid_utf8 = whole_document && is_ascii(text);  // nothing of it can be invalid
  json::basic_parser<parse_handler> parser(options, *this);
  boost::system::error_code ec;
  const std::size_t used = parser.write_some(false, text.data(), text.size(), ec);
  if (ec) {
    if (ec == json::error::exception) return problem_;
    if (ec == json::error::too_deep)
      return decode_problem(
          path(), "nested deeper than allowed (max_json_depth: " + std::to_string(limits_.max_depth) + ")");
    return decode_problem(path(), "not JSON at byte " + std::to_string(used) + ": " + ec.message());
  }
  if (whole_document && text.find_first_not_of(" \t\r\n", used) != std::string_view::npos)
    return decode_problem(std::string(), "not JSON at byte " + std::to_string(used) + ": more after the end");
  return std::nullopt;
}

// The parser takes no half of a surrogate pair (Boost 1.81; later
// ones could be told to, but would write bytes that are no UTF-8).
std::optional<decode_problem> read_document(std::string_view text, const value_table& table, void* target,
                                            decode_limits limits) {
  reader first(limits);
  std::optional<decode_problem> problem = first.read(text, table, target);
  if (!problem) return problem;
  const std::string mended = without_lone_surrogates(text);
  if (mended.empty()) return problem;
  table.reset(target);
  reader second(limits);
  return second.read(mended, table, target);
}

const value_table& any_value_table() noexcept { return table_of<json::value>; }

}  // namespace mistral::workflows::protocol
