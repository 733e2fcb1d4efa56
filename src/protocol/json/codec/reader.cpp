#include "protocol/json/codec/reader.hpp"

#include "protocol/json/codec/codec_any.hpp"
#include "protocol/json/codec/parse_handler.hpp"
#include "protocol/json/codec/reader_events.hpp"

#include <boost/json/basic_parser_impl.hpp>

#include <algorithm>
#include <bit>

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

// The elements of a page are much alike, and little follows them: once the first is there, its length tells how many
// there will be. What comes within elements is not counted so, nor are lists beyond the usual length of a page.
void reader::make_room(const frame& array) {
  if (frames_.size() > 2 || !array.begin || !last_key_in_text() || last_key_ <= array.begin) return;
  const auto length = static_cast<std::size_t>(last_key_ - array.begin);
  const auto rest = static_cast<std::size_t>(text_.data() + text_.size() - last_key_);
  constexpr std::size_t most = 256;
  array.array->reserve(array.target, std::min(most, 1 + rest / length));
}

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
    const bool good = hooks && hooks->finish ? hooks->finish(*this, *top_) : complete(*top_) || check_required(*top_);
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

bool reader::other_key(std::string_view text) {
  if (mode_ == mode::skip) return true;
  if (mode_ == mode::any) {
    if (!any_open_) open_any();
    any_->push_key({text.data(), text.size()});
    return true;
  }
  frame& f = *top_;
  if (f.what == frame::kind::map) {
    aim(f.map->element, f.map->insert(f.target, text, f.key));
    return true;
  }
  last_key_ = text.data();
  if (!f.started) note_begin(f);
  if (f.failed) {
    aim(nullptr, nullptr);
    return true;
  }
  f.by_name = true;
  return member_key(f, text);
}

// Some members are left out, or come in another order.
bool reader::member_key(frame& f, std::string_view text) {
  const auto named = [text](const member& m) {
    return same_long_name(m.name, text) || (text.size() < 4 && m.name == text);
  };
  for (const member* m = f.expected; m->value; ++m)
    if (named(*m)) return member_key(f, *m);
  for (const member* m = f.object->members.data(); m != f.expected; ++m)
    if (named(*m)) return member_key(f, *m);
  return unknown_key(f, text);
}

bool reader::unknown_key(frame& f, std::string_view text) {
  f.current = nullptr;
  aim(nullptr, nullptr);
  if (f.hooks && f.hooks->unknown)
    f.hooks->unknown(*this, f);
  else if (f.object->others)
    aim(&any_value_table(), &(*f.object->others(f.target))[json::string_view(text.data(), text.size())]);
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

void reader::push_object(const struct_table& table, void* target, const object_hooks* hooks, void* owner) {
  top_ = &frames_.emplace_back(table, target, depth_, hooks, owner);
}

void reader::push_array(const array_table& table, void* target) {
  top_ = &frames_.emplace_back(table, target, depth_);
  if (last_key_in_text()) top_->begin = last_key_;
}

void reader::push_map(const map_table& table, void* target) { top_ = &frames_.emplace_back(table, target, depth_); }

// Not before there is something to push: many objects are empty.
void reader::open_any() {
  if (!any_) any_.emplace(json::storage_ptr(), any_buffer_, sizeof any_buffer_);
  any_->reset();
  any_open_ = true;
}

void reader::capture(void* target, any_done done) {
  any_open_ = false;
  any_target_ = target;
  any_done_ = done;
  mode_ = mode::any;
  resume_depth_ = depth_ - 1;
}

bool reader::become(const struct_table& table, void* target, std::string_view name, std::string_view text) {
  top_->object = &table;
  top_->target = target;
  top_->expected = table.members.data();
  top_->seen = 0;
  return key(name) && string(text);
}

bool reader::check_required(const frame& object) {
  const std::uint64_t missing = object.object->required & ~object.seen;
  if (missing == 0) return true;
  return fail_missing(object, object.object->members[static_cast<std::size_t>(std::countr_zero(missing))].name);
}

std::optional<decode_problem> reader::read(std::string_view text, const value_table& table, void* target) {
  return run(text, true, table, target);
}

std::optional<decode_problem> reader::read_prefix(std::string_view text, const value_table& table, void* target) {
  return run(text, false, table, target);
}

std::optional<decode_problem> reader::run(std::string_view text, bool whole_document, const value_table& table,
                                          void* target) {
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
    return decode_problem(path(), "not JSON at byte " + std::to_string(used) + ": " + ec.message());
  }
  if (whole_document && text.find_first_not_of(" \t\r\n", used) != std::string_view::npos)
    return decode_problem(std::string(), "not JSON at byte " + std::to_string(used) + ": more after the end");
  return std::nullopt;
}

const value_table& any_value_table() noexcept { return table_of<json::value>; }

}  // namespace mistral::workflows::protocol
