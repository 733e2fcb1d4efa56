// Follows a JSON document event by event and fills the C++ object that a table describes.
// Not a parser (that is Boost.JSON's), and it knows no type of the model.
#pragma once

#include "protocol/json/codec/table.hpp"
#include "protocol/json/codec/tolerance.hpp"
#include "protocol/json/decode.hpp"

#include <boost/container/small_vector.hpp>
#include <boost/json/value_stack.hpp>

#include <charconv>
#include <optional>
#include <string>
#include <string_view>

namespace mistral::workflows::protocol {

/// An object, array or map whose end has not come yet.
struct frame {
  enum class kind : std::uint8_t { object, array, map };

  frame(const struct_table& table, void* to, std::size_t open, const object_hooks* with, void* held_by)
      : what(kind::object),
        by_name(with == nullptr),
        object(&table),
        hooks(with),
        target(to),
        owner(held_by),
        expected(table.members.data()),
        depth(open) {}
  frame(const array_table& table, void* to, std::size_t open)
      : what(kind::array), array(&table), target(to), depth(open) {}
  frame(const map_table& table, void* to, std::size_t open)
      : what(kind::map), map(&table), target(to), depth(open) {}

  kind what;
  bool failed = false;    ///< of a guarding object: the rest of it is passed over
  bool deferred = false;  ///< members have been passed over that can only be read at the object's end
  bool started = false;   ///< object with hooks: its first key has come
  bool by_name = false;   ///< object: its next key needs no more than to be found among the members
  union {
    const struct_table* object;
    const array_table* array;
    const map_table* map;
  };
  const object_hooks* hooks = nullptr;
  void* target;
  void* owner = nullptr;  ///< of a union: what holds `target`
  const member* current = nullptr;
  std::string_view key;              ///< of a map: the current one
  const member* expected = nullptr;  ///< object: the member that should come next, or the end of them
  std::size_t next = 0;              ///< array: how many elements have come
  std::uint64_t seen = 0;            ///< object: one bit a member
  std::size_t depth;                 ///< how many containers are open within it, itself included
  const char* begin = nullptr;       ///< object with hooks: its first byte; array: the last key before it
  const boost::json::value* source = nullptr;  ///< the same when a DOM is replayed
};

/// Whether no required member of an object is missing.
inline bool complete(const frame& object) noexcept {
  return (object.seen & object.object->required) == object.object->required;
}

class reader {
 public:
  explicit reader(decode_limits limits) : limits_(limits) {}
  /// Of a part of a document, `base_path` being where it stands in it.
  reader(decode_limits limits, std::string base_path) : limits_(limits), base_path_(std::move(base_path)) {}
  reader(const reader&) = delete;
  reader& operator=(const reader&) = delete;

  /// Reads one whole document into `target`.
  std::optional<decode_problem> read(std::string_view text, const value_table& table, void* target);
  /// Reads the value that `text` begins with.
  std::optional<decode_problem> read_prefix(std::string_view text, const value_table& table, void* target);
  /// Reads a value that is a DOM already.
  std::optional<decode_problem> replay(const boost::json::value& value, const value_table& table,
                                       void* target);

  // For the functions of tables, when a value begins or has come.

  /// Reports that the value at hand does not fit. True: an
  /// object around it takes the blame and reading goes on.
  bool fail(std::string reason);
  bool fail_at(std::string path, std::string reason);
  bool fail_missing(const frame& object, std::string_view name);
  void push_object(const struct_table& table, void* target) {
    push_object(table, target, table.hooks, nullptr);
  }
  void push_object(const struct_table& table, void* target, const object_hooks* hooks, void* owner);
  void push_array(const array_table& table, void* target);
  void push_map(const map_table& table, void* target);
  /// Collects the container that begins as a DOM and hands it to `done`.
  using any_done = bool (*)(reader&, void* target, boost::json::value&&);
  void capture(void* target, any_done done);

  // For hooks.

  frame& top() { return frames_.back(); }
  /// Where the value that comes next goes; a null table passes it over.
  void aim(const value_table* table, void* target) { table_ = table, target_ = target; }
  /// Goes on as if the object at hand were of this type, and had just seen `key` with this text.
  bool become(const struct_table& table, void* target, std::string_view key, std::string_view text);
  bool check_required(const frame& object);
  /// The object of `f` as a DOM; call at its end.
  boost::json::value whole(const frame& f);
  /// The JSON pointer of an open object, or of a member in it.
  std::string path_of(const frame& f, std::string_view member_name = std::string_view()) const;
  const decode_problem& problem() const { return problem_; }
  const decode_limits& limits() const { return limits_; }

  // What the parser, or a DOM being replayed, reports.

  bool object_begins(const boost::json::value* source = nullptr);
  bool object_ends(std::size_t members);
  bool array_begins();
  bool array_ends(std::size_t elements);
  bool key(std::string_view text);
  bool string(std::string_view text);
  bool integer(std::int64_t value, std::string_view text);
  bool natural(std::uint64_t value, std::string_view text);
  bool real(double approximation, std::string_view text);
  bool boolean(bool value);
  bool null();

 private:
  enum class mode : std::uint8_t { typed, skip, any };

  std::optional<decode_problem> run(std::string_view text, bool whole_document, const value_table& table,
                                    void* target);
  bool walk(const boost::json::value& value);
  bool mismatch(std::string_view found);
  bool forgive();
  void begin_element() {
    if (top_ && top_->what == frame::kind::array) next_element();
  }
  void next_element();
  void make_room(const frame& array);
  bool any_ends();
  bool other_key(std::string_view text);
  bool member_key(frame& f, std::string_view text);
  bool member_key(frame& f, const member& m);
  bool other_string(std::string_view text);
  bool other_object_ends(std::size_t members);
  void open_any();
  bool unknown_key(frame& f, std::string_view text);
  void pop();
  std::string path() const;
  std::string prefix(std::size_t frame_count) const;
  void note_begin(frame& f) const;
  /// Whether the last key stands in the document as it is, which one with escapes, or of a DOM, does not.
  bool last_key_in_text() const {
    return reinterpret_cast<std::uintptr_t>(last_key_) - reinterpret_cast<std::uintptr_t>(text_.data()) <
           text_.size();
  }

  mode mode_ = mode::typed;
  frame* top_ = nullptr;
  const value_table* table_ = nullptr;
  void* target_ = nullptr;
  std::size_t depth_ = 0;
  std::size_t resume_depth_ = 0;  ///< skip and any: back to typed when this many containers are open
  boost::container::small_vector<frame, 10> frames_;
  std::string_view text_;
  const char* last_key_ = nullptr;  ///< not to be read through: what it pointed to may be gone
  decode_limits limits_;
  std::string base_path_;
  decode_problem problem_;
  bool any_open_ = false;
  any_done any_done_ = nullptr;
  void* any_target_ = nullptr;
  alignas(boost::json::value) unsigned char any_buffer_[40 * sizeof(boost::json::value)];
  std::optional<boost::json::value_stack> any_;
  std::optional<boost::json::value> whole_document_;
};

/// Reads one whole document into `target`, which is new.
std::optional<decode_problem> read_document(std::string_view text, const value_table& table, void* target,
                                            decode_limits limits);

/// How a member that is any JSON is read.
const value_table& any_value_table() noexcept;

/// The number that `text` is, correctly rounded; nothing where it is beyond double.
inline std::optional<double> to_double(double approximation, std::string_view text) {
  double value = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
  if (parsed.ec == std::errc()) return value;
  if (approximation < 1 && approximation > -1)
    return text.front() == '-' ? -0.0 : 0.0;  // too small to tell from zero
  return std::nullopt;
}

/// Whether a number is written as an integer.
inline bool is_integral(std::string_view text) { return text.find_first_of(".eE") == std::string_view::npos; }

/// Any number as a DOM has it. What neither 64 bits nor a double can hold keeps its text.
inline boost::json::value any_number(double approximation, std::string_view text) {
  if (!is_integral(text))
    if (const auto value = to_double(approximation, text)) return *value;
  return boost::json::string_view(text.data(), text.size());
}

}  // namespace mistral::workflows::protocol
