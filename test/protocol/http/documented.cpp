// What the public headers say of each operation, its repeat class
// and its default deadline, against the tables of the code.
#include "protocol/http/operation.hpp"

#include <mistral/workflows/client_options.hpp>

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

namespace {

namespace protocol = mistral::workflows::protocol;

struct documented_function {
  std::vector<std::string> comment;  // without "///"
  std::string name;
};

std::string trimmed(const std::string& line) {
  const auto first = line.find_first_not_of(' ');
  return first == std::string::npos ? std::string()
                                    : line.substr(first, line.find_last_not_of(' ') - first + 1);
}

// The function that a declaration names: what stands before its first parenthesis, attributes left out.
std::string declared(std::string text) {
  if (text.rfind("[[", 0) == 0) {
    const auto close = text.find("]]");
    if (close == std::string::npos) return std::string();
    text.erase(0, close + 2);
  }
  const auto end = text.find('(');
  if (end == std::string::npos) return std::string();
  const auto begin = text.find_last_of(" *&>", end);
  return text.substr(begin + 1, end - begin - 1);
}

// All functions of a header that have a comment above.
std::vector<documented_function> read_header(const std::string& path) {
  std::ifstream file(path);
  BOOST_TEST_REQUIRE(file.good(), "cannot read " << path);
  std::vector<documented_function> found;
  std::vector<std::string> comment;
  std::string declaration;
  for (std::string line; std::getline(file, line);) {
    line = trimmed(line);
    if (line.rfind("///", 0) == 0) {
      if (!declaration.empty()) comment.clear();
      declaration.clear();
      comment.push_back(trimmed(line.substr(3)));
    } else if (!comment.empty()) {
      declaration += (declaration.empty() ? "" : " ") + line;
      documented_function made;
      made.name = declared(declaration);
      if (made.name.empty()) continue;
      made.comment = std::move(comment);
      found.push_back(std::move(made));
      comment.clear();
      declaration.clear();
    }
  }
  return found;
}

std::string_view name_of(protocol::safety repeat) {
  switch (repeat) {
    case protocol::safety::read:
      return "read";
    case protocol::safety::repeatable:
      return "repeatable";
    case protocol::safety::ending:
      return "ending";
    case protocol::safety::keyed:
      return "keyed";
    case protocol::safety::once:
      return "once";
  }
  return "";
}

std::string text_of(protocol::deadline_kind kind) {
  const mistral::workflows::client_options options;
  const auto seconds = [](std::chrono::milliseconds time) {
    return std::to_string(time / std::chrono::seconds(1)) + " s";
  };
  switch (kind) {
    case protocol::deadline_kind::call:
      return seconds(options.call_deadline) + " (`call_deadline`)";
    case protocol::deadline_kind::handler:
      return seconds(options.handler_deadline) + " (`handler_deadline`)";
    case protocol::deadline_kind::none:
      break;
  }
  return "none";
}

std::string expected(const protocol::operation_info& operation) {
  std::string repeat(name_of(operation.repeat));
  if (operation.id == protocol::operation::schedules_create) repeat += " with a `schedule_id`, else once";
  return "Repeat: " + repeat + "; deadline: " + text_of(operation.deadline);
}

// The lines about repeating that comments of functions of that name have; the first is the operation's own.
std::vector<std::string> said_of(const std::string& function,
                                 const std::vector<documented_function>& header) {
  std::vector<std::string> said;
  for (const auto& one : header) {
    if (one.name != function) continue;
    for (const auto& line : one.comment)
      if (line.rfind("Repeat: ", 0) == 0) said.push_back(line);
  }
  return said;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(documented_operations)

BOOST_AUTO_TEST_CASE(every_operation_says_the_class_and_the_deadline_that_the_code_has) {
  int compared = 0;
  for (const auto& operation : protocol::all_operations()) {
    const auto dot = operation.name.find('.');
    const std::string resource(operation.name.substr(0, dot));
    std::string path = PUBLIC_HEADERS;
    path.append("/").append(resource).append(".hpp");
    const auto header = read_header(path);
    const auto said = said_of(std::string(operation.name.substr(dot + 1)), header);
    BOOST_TEST(said.size() == 1u, operation.name << " says it " << said.size() << " times");
    if (said.empty()) continue;
    BOOST_TEST(said.front() == expected(operation), operation.name << " says: " << said.front());
    ++compared;
  }
  BOOST_TEST(compared == 54);
}

BOOST_AUTO_TEST_SUITE_END()
