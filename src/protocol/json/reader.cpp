#include "protocol/json/reader.hpp"

#include "protocol/json/codec.hpp"

#include <boost/json/basic_parser_impl.hpp>

#include <algorithm>
#include <bit>
#include <cstring>

namespace mistral::workflows::protocol {
namespace {

namespace json = boost::json;

void append_token(std::string& path, std::string_view token) {
  path += '/';
  for (const char c : token) {
    if (c == '~')
      path += "~0";
    else if (c == '/')
      path += "~1";
    else
      path += c;
  }
}

// Names are short: a call of memcmp costs more than comparing them here.
inline bool same(std::string_view a, std::string_view b) {
  const auto equal_at = [&]<class Word>(std::size_t i, Word) {
    Word x, y;
    std::memcpy(&x, a.data() + i, sizeof x);
    std::memcpy(&y, b.data() + i, sizeof y);
    return x == y;
  };
  const std::size_t n = a.size();
  if (n != b.size()) return false;
  if (n < 4) return n == 0 || (a[0] == b[0] && a[n / 2] == b[n / 2] && a[n - 1] == b[n - 1]);
  if (n < 8) return equal_at(0, std::uint32_t()) && equal_at(n - 4, std::uint32_t());
  for (std::size_t i = 0; i + 8 < n; i += 8)
    if (!equal_at(i, std::uint64_t())) return false;
  return equal_at(n - 8, std::uint64_t());
}

// Servers send members in an order that is mostly ours, with some left out.
inline std::size_t find(std::span<const member> members, std::string_view name, std::size_t expected) {
  for (std::size_t i = expected; i < members.size(); ++i)
    if (same(members[i].name, name)) return i;
  for (std::size_t i = 0; i < expected; ++i)
    if (same(members[i].name, name)) return i;
  return members.size();
}

}  // namespace

inline void reader::begin_element() {
  if (top_ && top_->what == frame::kind::array) {
    const array_table& array = *top_->array;
    table_ = array.element;
    const std::size_t index = top_->next++;
    if (index == 1 && array.reserve) make_room(*top_);
    if (index < array.at_most)
      target_ = array.append(top_->target, index, table_);
    else
      table_ = nullptr;
  }
}

// The elements of a page are much alike, and little follows them: once the first is there, its length tells how many
// there will be. What comes within elements is not counted so, nor are lists beyond the usual length of a page.
void reader::make_room(const frame& array) {
  if (frames_.size() > 2 || !array.begin || last_key_ <= array.begin) return;
  const auto length = static_cast<std::size_t>(last_key_ - array.begin);
  const auto rest = static_cast<std::size_t>(text_.data() + text_.size() - last_key_);
  constexpr std::size_t most = 256;
  array.array->reserve(array.target, std::min(most, 1 + rest / length));
}

inline bool reader::mismatch(std::string_view found) {
  std::string reason = "expected ";
  reason += table_->expected;
  reason += ", found ";
  reason += found;
  return fail(std::move(reason));
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
  const std::size_t before = frames_.size();
  if (!table_->object(*this, target_)) return false;
  if (frames_.size() > before) top_->source = source;
  return true;
}

bool reader::object_ends(std::size_t members) {
  --depth_;
  if (mode_ == mode::typed) {
    bool good = true;
    if (top_->what == frame::kind::object) {
      if (top_->hooks && top_->hooks->finish)
        good = top_->hooks->finish(*this, *top_);
      else
        good = check_required(*top_);
      if (!good) return false;
      // A guard around this object may have taken the blame and the frame with it.
      if (top_ == nullptr || top_->depth != depth_ + 1) return true;
    }
    pop();
    return true;
  }
  if (mode_ == mode::any) {
    any_->push_object(members);
    return any_ends();
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
  return table_->array(*this, target_);
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

inline bool reader::key(std::string_view text, const char* in_text) {
  if (mode_ == mode::skip) return true;
  if (mode_ == mode::any) {
    any_->push_key({text.data(), text.size()});
    return true;
  }
  frame& f = *top_;
  if (f.what == frame::kind::map) {
    target_ = f.map->insert(f.target, text, f.key);
    table_ = f.map->element;
    return true;
  }
  last_key_ = in_text;
  if (f.hooks && !f.started) note_begin(f, in_text);
  if (f.failed) {
    aim(nullptr, nullptr);
    return true;
  }
  const auto members = f.object->members;
  const std::size_t i = find(members, text, f.next);
  if (i == members.size()) return unknown_key(f, text);
  const member& m = members[i];
  f.next = i + 1;
  f.current = &m;
  table_ = m.value;
  target_ = m.address(f.target);
  const std::uint64_t bit = std::uint64_t(1) << i;
  if (f.seen & bit) table_->reset(target_);
  f.seen |= bit;
  if (f.hooks && f.hooks->choose) f.hooks->choose(*this, f, &m);
  return true;
}

bool reader::unknown_key(frame& f, std::string_view text) {
  f.current = nullptr;
  aim(nullptr, nullptr);
  if (f.hooks && f.hooks->choose)
    f.hooks->choose(*this, f, nullptr);
  else if (f.object->others)
    aim(&any_value_table(), &(*f.object->others(f.target))[json::string_view(text.data(), text.size())]);
  return true;
}

inline bool reader::string(std::string_view text) {
  if (mode_ == mode::typed) {
    begin_element();
    if (!table_) return true;
    if (!table_->string) return mismatch("a string");
    return table_->string(*this, target_, text);
  }
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
  top_ = frames_.empty() ? nullptr : &frames_.back();
  if (top_ == nullptr) table_ = nullptr;
}

void reader::push_object(const struct_table& table, void* target) {
  top_ = &frames_.emplace_back(frame::kind::object, target, depth_);
  top_->object = &table;
  top_->hooks = table.hooks;
}

void reader::push_array(const array_table& table, void* target) {
  top_ = &frames_.emplace_back(frame::kind::array, target, depth_);
  top_->array = &table;
  top_->begin = last_key_;
}

void reader::push_map(const map_table& table, void* target) {
  top_ = &frames_.emplace_back(frame::kind::map, target, depth_);
  top_->map = &table;
}

void reader::capture(void* target, any_done done) {
  if (!any_) any_.emplace(json::storage_ptr(), any_buffer_, sizeof any_buffer_);
  any_->reset();
  any_target_ = target;
  any_done_ = done;
  mode_ = mode::any;
  resume_depth_ = depth_ - 1;
}

bool reader::become(const struct_table& table, void* target, std::string_view name, std::string_view text) {
  top_->object = &table;
  top_->target = target;
  top_->next = 0;
  top_->seen = 0;
  const object_hooks* hooks = std::exchange(top_->hooks, nullptr);
  const bool good = key(name, nullptr) && string(text);
  top_->hooks = hooks;
  return good;
}

bool reader::check_required(const frame& object) {
  const std::uint64_t missing = object.object->required & ~object.seen;
  if (missing == 0) return true;
  return fail_missing(object, object.object->members[static_cast<std::size_t>(std::countr_zero(missing))].name);
}

bool reader::fail_missing(const frame& object, std::string_view name) {
  frames_[static_cast<std::size_t>(&object - frames_.data())].current = nullptr;
  return fail_at(path_of(object, name), "missing");
}

bool reader::fail(std::string reason) { return fail_at(path(), std::move(reason)); }

bool reader::fail_at(std::string where, std::string reason) {
  problem_ = decode_problem(std::move(where), std::move(reason));
  for (std::size_t i = frames_.size(); i-- > 0;) {
    frame& f = frames_[i];
    if (!f.hooks || !f.hooks->guards) continue;
    f.failed = true;
    while (frames_.size() > i + 1) frames_.pop_back();
    top_ = &frames_.back();
    mode_ = depth_ > f.depth ? mode::skip : mode::typed;
    resume_depth_ = f.depth;
    return true;
  }
  return false;
}

// The object begins before its first key: `{`, white space, a quote.
void reader::note_begin(frame& f, const char* key_in_text) const {
  f.started = true;
  if (!key_in_text) return;
  const char* at = key_in_text - 1;
  while (at > text_.data() && *at != '{') --at;
  if (*at == '{') f.begin = at;
}

json::value reader::whole(const frame& f) {
  if (f.source) return *f.source;
  if (!f.started) return json::object();
  json::value made;
  if (f.begin) {
    reader nested(limits_, std::string());
    const auto length = static_cast<std::size_t>(text_.data() + text_.size() - f.begin);
    if (nested.read_prefix({f.begin, length}, any_value_table(), &made)) made = nullptr;
    return made;
  }
  // Its first key is written with escapes, so its place in the text is not known: find it by its path.
  if (!whole_document_) {
    reader nested(limits_, std::string());
    if (nested.read_prefix(text_, any_value_table(), &made)) made = nullptr;
    whole_document_ = std::move(made);
  }
  const std::string pointer = path_of(f).substr(base_path_.size());
  boost::system::error_code ignored;
  const json::value* found = whole_document_->find_pointer({pointer.data(), pointer.size()}, ignored);
  return found ? *found : json::value();
}

std::string reader::prefix(std::size_t frame_count) const {
  std::string made = base_path_;
  for (std::size_t i = 0; i < frame_count; ++i) {
    const frame& f = frames_[i];
    switch (f.what) {
      case frame::kind::object:
        if (f.current) append_token(made, f.current->name);
        break;
      case frame::kind::array:
        if (f.next > 0) append_token(made, std::to_string(f.next - 1));
        break;
      case frame::kind::map:
        append_token(made, f.key);
        break;
    }
  }
  return made;
}

std::string reader::path() const { return prefix(frames_.size()); }

std::string reader::path_of(const frame& f, std::string_view member_name) const {
  std::string made = prefix(static_cast<std::size_t>(&f - frames_.data()));
  if (!member_name.empty()) append_token(made, member_name);
  return made;
}

namespace {

// Boost.JSON's parser calls this; it gives strings, keys and numbers in parts where they are not whole in the text.
struct handler {
  static constexpr std::size_t max_object_size = std::size_t(-1);
  static constexpr std::size_t max_array_size = std::size_t(-1);
  static constexpr std::size_t max_key_size = std::size_t(-1);
  static constexpr std::size_t max_string_size = std::size_t(-1);

  explicit handler(reader& r) : reader_(r) {}

  using error_code = boost::system::error_code;

  bool go(bool good, error_code& ec) {
    if (!good) ec = json::error::exception;
    return good;
  }
  std::string_view joined(json::string_view last) {
    if (part_.empty()) return {last.data(), last.size()};
    part_.append(last.data(), last.size());
    return part_;
  }
  bool done(bool good, error_code& ec) {
    if (!part_.empty()) part_.clear();
    return go(good, ec);
  }
  bool add(json::string_view s) {
    part_.append(s.data(), s.size());
    return true;
  }

  bool on_document_begin(error_code&) { return true; }
  bool on_document_end(error_code&) { return true; }
  bool on_object_begin(error_code& ec) { return go(reader_.object_begins(), ec); }
  bool on_object_end(std::size_t n, error_code& ec) { return go(reader_.object_ends(n), ec); }
  bool on_array_begin(error_code& ec) { return go(reader_.array_begins(), ec); }
  bool on_array_end(std::size_t n, error_code& ec) { return go(reader_.array_ends(n), ec); }
  bool on_key_part(json::string_view s, std::size_t, error_code&) { return add(s); }
  bool on_key(json::string_view s, std::size_t, error_code& ec) {
    const bool plain = part_.empty() && reader_.in_text(s.data());
    return done(reader_.key(joined(s), plain ? s.data() : nullptr), ec);
  }
  bool on_string_part(json::string_view s, std::size_t, error_code&) { return add(s); }
  bool on_string(json::string_view s, std::size_t, error_code& ec) { return done(reader_.string(joined(s)), ec); }
  bool on_number_part(json::string_view s, error_code&) { return add(s); }
  bool on_int64(std::int64_t v, json::string_view s, error_code& ec) { return done(reader_.integer(v, joined(s)), ec); }
  bool on_uint64(std::uint64_t v, json::string_view s, error_code& ec) {
    return done(reader_.natural(v, joined(s)), ec);
  }
  bool on_double(double v, json::string_view s, error_code& ec) { return done(reader_.real(v, joined(s)), ec); }
  bool on_bool(bool v, error_code& ec) { return go(reader_.boolean(v), ec); }
  bool on_null(error_code& ec) { return go(reader_.null(), ec); }
  bool on_comment_part(json::string_view, error_code&) { return true; }
  bool on_comment(json::string_view, error_code&) { return true; }

 private:
  reader& reader_;
  std::string part_;
};

}  // namespace

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
  json::basic_parser<handler> parser(options, *this);
  boost::system::error_code ec;
  const std::size_t used = parser.write_some(false, text.data(), text.size(), ec);
  if (ec == json::error::exception) return problem_;
  if (ec) return decode_problem(path(), "not JSON at byte " + std::to_string(used) + ": " + ec.message());
  if (whole_document && text.find_first_not_of(" \t\r\n", used) != std::string_view::npos)
    return decode_problem(std::string(), "not JSON at byte " + std::to_string(used) + ": more after the end");
  return std::nullopt;
}

std::optional<decode_problem> reader::replay(const json::value& value, const value_table& table, void* target) {
  aim(&table, target);
  if (!walk(value)) return problem_;
  return std::nullopt;
}

bool reader::walk(const json::value& value) {
  switch (value.kind()) {
    case json::kind::null:
      return null();
    case json::kind::bool_:
      return boolean(value.get_bool());
    case json::kind::int64:
      return integer(value.get_int64(), std::to_string(value.get_int64()));
    case json::kind::uint64:
      return natural(value.get_uint64(), std::to_string(value.get_uint64()));
    case json::kind::string:
      return string({value.get_string().data(), value.get_string().size()});
    case json::kind::double_: {
      std::string text;
      write_double(text, value.get_double());
      return real(value.get_double(), text);
    }
    case json::kind::array:
      if (!array_begins()) return false;
      for (const json::value& element : value.get_array())
        if (!walk(element)) return false;
      return array_ends(value.get_array().size());
    case json::kind::object:
      break;
  }
  if (!object_begins(&value)) return false;
  for (const json::key_value_pair& pair : value.get_object())
    if (!key({pair.key().data(), pair.key().size()}, nullptr) || !walk(pair.value())) return false;
  return object_ends(value.get_object().size());
}

const value_table& any_value_table() noexcept { return table_of<json::value>; }

}  // namespace mistral::workflows::protocol
