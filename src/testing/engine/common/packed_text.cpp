#include "testing/engine/common/packed_text.hpp"

#include "testing/engine/common/json_text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>

namespace mistral::workflows::testing {
namespace {

// The first byte of a piece says what it is: so many bytes as they are, a word, or one of these.
constexpr std::size_t longest_plain = 128;
constexpr unsigned char first_word = 128;
constexpr unsigned char a_near_number = 250, a_near_instant = 251, a_uuid = 252, a_number = 253,
                        an_instant = 254;

constexpr std::size_t shortest_word = 3, shortest_number = 4, uuid_size = 36, instant_size = 27;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Its words by their first character, the longest first.
class index {
 public:
  explicit index(word_list words) : words_(words) {
    first_.fill(-1);
    next_.fill(-1);
    const auto count = std::min(words.size(), most_words);
    for (std::size_t at = 0; at < count; ++at)
      if (words[at].size() >= shortest_word) add(static_cast<int>(at));
  }

  /// The longest word that the text begins with; -1: none.
  int at_the_front_of(std::string_view text) const {
    for (int at = first_[byte_of(text)]; at >= 0; at = next_[static_cast<std::size_t>(at)])
      if (text.starts_with(word(at))) return at;
    return -1;
  }

 private:
  static std::size_t byte_of(std::string_view text) { return static_cast<unsigned char>(text.front()); }
  std::string_view word(int at) const { return words_[static_cast<std::size_t>(at)]; }
  void add(int at) {
    int* place = &first_[byte_of(word(at))];
    while (*place >= 0 && word(*place).size() >= word(at).size())
      place = &next_[static_cast<std::size_t>(*place)];
    next_[static_cast<std::size_t>(at)] = *place;
    *place = at;
  }

  word_list words_;
  std::array<int, 256> first_;
  std::array<int, most_words> next_;
};

int hex_value(char c) {
  if (is_digit(c)) return c - '0';
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool is_dash_of_uuid(std::size_t at) { return at == 8 || at == 13 || at == 18 || at == 23; }

bool put_uuid(std::string& out, std::string_view text) {
  if (text.size() < uuid_size) return false;
  std::array<char, 16> bytes{};
  std::size_t half = 0;
  for (std::size_t at = 0; at < uuid_size; ++at) {
    if (is_dash_of_uuid(at)) {
      if (text[at] != '-') return false;
      continue;
    }
    const int value = hex_value(text[at]);
    if (value < 0) return false;
    bytes[half / 2] = static_cast<char>(bytes[half / 2] | (value << (half % 2 == 0 ? 4 : 0)));
    ++half;
  }
  out.push_back(static_cast<char>(a_uuid));
  out.append(bytes.data(), bytes.size());
  return true;
}

void take_uuid(std::string& out, std::string_view& from) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::size_t half = 0;
  for (std::size_t at = 0; at < uuid_size; ++at) {
    if (is_dash_of_uuid(at)) {
      out.push_back('-');
      continue;
    }
    const auto byte = static_cast<unsigned char>(from[half / 2]);
    out.push_back(digits[half % 2 == 0 ? byte >> 4 : byte & 15]);
    ++half;
  }
  from.remove_prefix(16);
}

/// As what it is beyond `near`, where it is and that is not much.
void put_kind(std::string& out, std::uint64_t number, std::uint64_t near, unsigned char near_kind,
              unsigned char kind) {
  const bool is_near = near > 0 && number >= near && number - near < number / 128;
  out.push_back(static_cast<char>(is_near ? near_kind : kind));
  put_number(out, is_near ? number - near : number);
}

/// How many characters it took; 0: there is no number that comes out the same again.
std::size_t put_decimal(std::string& out, std::string_view text, std::uint64_t near) {
  std::size_t size = 0;
  while (size < text.size() && is_digit(text[size])) ++size;
  std::uint64_t number = 0;
  if (size < shortest_number || text.front() == '0') return 0;
  if (std::from_chars(text.data(), text.data() + size, number).ec != std::errc()) return 0;
  put_kind(out, number, near, a_near_number, a_number);
  return size;
}

unsigned part(std::string_view text, std::size_t at, std::size_t size) {
  unsigned number = 0;
  std::from_chars(text.data() + at, text.data() + at + size, number);
  return number;
}

/// "2025-12-17T10:25:07.818693Z"
bool put_instant(std::string& out, std::string_view text, std::uint64_t near) {
  if (text.size() < instant_size || text[10] != 'T' || text[26] != 'Z' || !is_digit(text.front()))
    return false;
  using namespace std::chrono;
  const year_month_day date{year(static_cast<int>(part(text, 0, 4))), month(part(text, 5, 2)),
                            day(part(text, 8, 2))};
  if (!date.ok()) return false;
  const sys_time<microseconds> time = sys_days(date) + hours(part(text, 11, 2)) + minutes(part(text, 14, 2)) +
                                      seconds(part(text, 17, 2)) + microseconds(part(text, 20, 6));
  const auto since = time.time_since_epoch().count();
  constexpr auto latest =
      duration_cast<microseconds>(nanoseconds::max()).count();  // in 2262, as the clock has it
  if (since < 0 || since > latest || format_instant(time) != text.substr(0, instant_size)) return false;
  put_kind(out, static_cast<std::uint64_t>(since), near / 1000, a_near_instant, an_instant);
  return true;
}

void put_plain(std::string& out, std::string_view text) {
  while (!text.empty()) {
    const auto size = std::min(text.size(), longest_plain);
    out.push_back(static_cast<char>(size - 1));
    out.append(text.substr(0, size));
    text.remove_prefix(size);
  }
}

/// How many characters of the text's beginning were written in a short form; 0: there is none.
std::size_t put_short(std::string& out, std::string_view text, word_list words, const index& known,
                      std::uint64_t near) {
  if (const int word = known.at_the_front_of(text); word >= 0) {
    out.push_back(static_cast<char>(first_word + word));
    return words[static_cast<std::size_t>(word)].size();
  }
  if (put_uuid(out, text)) return uuid_size;
  if (put_instant(out, text, near)) return instant_size;
  return is_digit(text.front()) ? put_decimal(out, text, near) : 0;
}

std::string instant_of(std::uint64_t microseconds) {
  return format_instant(
      clock::time_point(std::chrono::microseconds(static_cast<std::int64_t>(microseconds))));
}

std::uint64_t number_of(clock::time_point time) {
  return static_cast<std::uint64_t>(std::max<std::int64_t>(0, to_nanoseconds(time)));
}

}  // namespace

std::string pack(std::string_view text, word_list words, clock::time_point near) {
  const auto since = number_of(near);
  const index known(words);
  std::string out;
  std::size_t plain = 0;  // from here on nothing has been written
  std::size_t at = 0;
  std::string piece;
  while (at < text.size()) {
    const auto rest = text.substr(at);
    piece.clear();
    const auto taken = put_short(piece, rest, words, known, since);
    if (taken == 0) {
      ++at;
      continue;
    }
    put_plain(out, text.substr(plain, at - plain));
    out += piece;
    at += taken;
    plain = at;
  }
  put_plain(out, text.substr(plain));
  return out;
}

std::string unpack(std::string_view packed, word_list words, clock::time_point near) {
  const auto since = number_of(near);
  std::string out;
  while (!packed.empty()) {
    const auto what = static_cast<unsigned char>(packed.front());
    packed.remove_prefix(1);
    if (what < longest_plain) {
      out.append(packed.substr(0, what + 1u));
      packed.remove_prefix(what + 1u);
    } else if (what == a_uuid) {
      take_uuid(out, packed);
    } else if (what == a_number) {
      out += std::to_string(take_number(packed));
    } else if (what == a_near_number) {
      out += std::to_string(since + take_number(packed));
    } else if (what == an_instant) {
      out += instant_of(take_number(packed));
    } else if (what == a_near_instant) {
      out += instant_of(since / 1000 + take_number(packed));
    } else {
      out += words[what - first_word];
    }
  }
  return out;
}

void put_number(std::string& out, std::uint64_t number) {
  for (; number >= 128; number >>= 7) out.push_back(static_cast<char>(128 | (number & 127)));
  out.push_back(static_cast<char>(number));
}

std::uint64_t take_number(std::string_view& from) {
  std::uint64_t number = 0;
  for (unsigned shift = 0;; shift += 7) {
    const auto byte = static_cast<unsigned char>(from.front());
    from.remove_prefix(1);
    number |= static_cast<std::uint64_t>(byte & 127) << shift;
    if (byte < 128) return number;
  }
}

}  // namespace mistral::workflows::testing
