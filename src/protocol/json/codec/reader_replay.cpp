// A DOM read as if it were text, and an object that has been read taken as a DOM.
#include "protocol/json/codec/reader_events.hpp"
#include "protocol/json/codec/writer.hpp"

namespace mistral::workflows::protocol {

namespace json = boost::json;

std::optional<decode_problem> reader::replay(const json::value& value, const value_table& table,
                                             void* target) {
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
    if (!key({pair.key().data(), pair.key().size()}) || !walk(pair.value())) return false;
  return object_ends(value.get_object().size());
}

// The object begins before its first key: `{`, white space, a quote.
void reader::note_begin(frame& f) const {
  f.started = true;
  if (!last_key_in_text()) return;
  const char* at = last_key_ - 1;
  while (at > text_.data() && *at != '{') --at;
  if (*at == '{') f.begin = at;
}

json::value reader::whole(const frame& f) {
  if (f.source) return *f.source;
  if (!f.started) return json::object();
  json::value made;
  if (f.begin) {
    reader nested(limits_);
    const auto length = static_cast<std::size_t>(text_.data() + text_.size() - f.begin);
    if (nested.read_prefix({f.begin, length}, any_value_table(), &made)) made = nullptr;
    return made;
  }
  // Its first key is written with escapes, so its place in the text is not known: find it by its path.
  if (!whole_document_) {
    reader nested(limits_);
    if (nested.read_prefix(text_, any_value_table(), &made)) made = nullptr;
    whole_document_ = std::move(made);
  }
  const std::string pointer = path_of(f).substr(base_path_.size());
  boost::system::error_code ignored;
  const json::value* found = whole_document_->find_pointer({pointer.data(), pointer.size()}, ignored);
  return found ? *found : json::value();
}

}  // namespace mistral::workflows::protocol
