// How facts.json is made, and that it says what the description says that MISTRAL_WORKFLOWS_OPENAPI names.
#include "openapi/facts/facts.hpp"
#include "openapi/facts/notation.hpp"
#include "openapi/facts/reduce.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/test/unit_test.hpp>

#include <cstdlib>
#include <stdexcept>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>

namespace json = boost::json;
using namespace openapi;

namespace {

const std::string small = R"({
  "openapi": "3.1.0", "info": {"title": "Printing"},
  "paths": {"/v1/sheets/{id}": {"put": {
    "operationId": "put_sheet", "summary": "Put a Sheet", "description": "Puts a sheet.", "tags": ["sheets"],
    "parameters": [
      {"name": "id", "in": "path", "required": true, "description": "Which.",
       "schema": {"type": "string", "format": "uuid"}},
      {"name": "title", "in": "query",
       "schema": {"anyOf": [{"type": "string"}, {"type": "null"}], "title": "Title"}},
      {"name": "order", "in": "query", "required": true,
       "schema": {"enum": ["asc", "desc"], "type": "string"}}],
    "requestBody": {"required": true,
      "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Sheet"}}}},
    "responses": {
      "200": {"description": "Fine", "content": {"text/event-stream": {"schema": {"type": "integer"}}}},
      "204": {"description": "Nothing"},
      "422": {"description": "No", "content": {"application/json": {"schema": {}}}}}}}},
  "components": {"schemas": {
    "Sheet": {"type": "object", "title": "Sheet", "description": "What is printed.",
      "properties": {
        "title": {"type": "string", "title": "Title", "description": "On top.", "examples": ["Once upon a time"]},
        "description": {"type": "array", "items": {"$ref": "#/components/schemas/Line"}, "default": []},
        "copies": {"type": "integer", "minimum": 1, "default": 1}},
      "required": ["copies", "title"]},
    "Line": {"type": "object", "additionalProperties": true}}}
})";

constexpr std::string_view small_facts =
    R"({"operations": {
"PUT /v1/sheets/{id}": {"path":{"id!":"string:uuid"},"query":{"title":"string?","order!":{"enum":)"
    R"(["asc","desc"],"type":"string"}},"body!":"Sheet","200 text/event-stream":"integer","204":null,"422":"any"}
},
"schemas": {
"Sheet": {"object":{"title!":"string","description":"Line[]=[]","copies!":{"type":"integer","minimum":1,"default":1}}},
"Line": "any{}"
}}
)";

json::object reduced(const std::string& description) { return reduce(json::parse(description)); }

// The small description with this in place of that.
std::string changed(std::string_view from, std::string_view to) {
  std::string out = small;
  const std::size_t at = out.find(from);
  BOOST_REQUIRE(at != std::string::npos);
  return out.replace(at, from.size(), to);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(openapi_facts)

BOOST_AUTO_TEST_CASE(a_reduced_description_has_all_facts_and_no_sentence) {
  BOOST_TEST(to_text(reduced(small)) == small_facts);
}

BOOST_AUTO_TEST_CASE(what_a_description_says_and_the_tests_would_pass_over_is_an_error) {
  for (const auto& [from, to, named] :
       {std::tuple(R"("minimum": 1)", R"("multipleOf": 2)", "multipleOf"),
        std::tuple(R"("name": "title")", R"("name": "title", "style": "deepObject")", "style"),
        std::tuple(R"("application/json": {"schema": {"$ref")", R"("text/xml": {"schema": {"$ref")",
                   "text/xml"),
        std::tuple(R"("text/event-stream")", R"("text/xml": {}, "text/event-stream")", "more than one form"),
        std::tuple(R"(["copies", "title"])", R"(["copies", "length"])", "not among the properties")}) {
    const auto names_it = [named](const std::exception& e) {
      return std::string(e.what()).find(named) != std::string::npos;
    };
    BOOST_CHECK_EXCEPTION(reduced(changed(from, to)), std::runtime_error, names_it);
  }
}

BOOST_AUTO_TEST_CASE(the_short_form_of_a_schema_says_all_that_the_long_one_does) {
  for (
      const auto& [brief, full] :
      {std::pair(R"("any")", R"({})"), std::pair(R"("Line")", R"({"$ref":"Line"})"),
       std::pair(R"("array")", R"({"type":"array"})"),
       std::pair(R"("string:date-time?")",
                 R"({"anyOf":[{"type":"string","format":"date-time"},{"type":"null"}]})"),
       std::pair(R"("any[]{}")", R"({"type":"object","additionalProperties":{"type":"array","items":{}}})"),
       std::pair(R"("Line?=null")", R"({"anyOf":[{"$ref":"Line"},{"type":"null"}],"default":null})"),
       std::pair(R"("string=\"a=b?\"")", R"({"type":"string","default":"a=b?"})"),
       std::pair(R"({"type":"array","items":"integer=1"})",
                 R"({"type":"array","items":{"type":"integer","default":1}})"),
       std::pair(R"({"anyOf":["null","Line"]})", R"({"anyOf":[{"type":"null"},{"$ref":"Line"}]})"),
       std::pair(
           R"({"object":{"a!":"any","b":"any"},"additionalProperties":false})",
           R"({"type":"object","properties":{"a":{},"b":{}},"required":["a"],"additionalProperties":false})"),
       std::pair(R"({"type":"object","additionalProperties":false})",
                 R"({"type":"object","additionalProperties":false})")}) {
    BOOST_TEST(json::serialize(shorten(json::parse(full))) == brief);
    BOOST_TEST(expand(json::parse(brief)) == json::parse(full), brief);
  }
}

BOOST_AUTO_TEST_CASE(every_difference_from_the_description_is_named) {
  const json::object file = reduced(small);
  BOOST_TEST(differences(file, file).empty());
  for (const auto& [from, to, name] :
       {std::tuple(R"({"type": "integer", "minimum": 1)", R"({"type": "number", "minimum": 1)", "Sheet"),
        std::tuple(R"(["copies", "title"])", R"(["title"])", "Sheet"),
        std::tuple(R"("default": 1)", R"("default": 2)", "Sheet"),
        std::tuple(R"("default": [])", R"("maxItems": 2)", "Sheet"),
        std::tuple(R"("additionalProperties": true)", R"("additionalProperties": false)", "Line"),
        std::tuple(R"("Line": {"type")", R"("Later": {}, "Line": {"type")", "Later"),
        std::tuple(R"(["asc", "desc"])", R"(["asc"])", "PUT /v1/sheets/{id}"),
        std::tuple(R"("format": "uuid")", R"("format": "date-time")", "PUT /v1/sheets/{id}"),
        std::tuple(R"([{"type": "string"}, {"type": "null"}])", R"([{"type": "string"}])",
                   "PUT /v1/sheets/{id}"),
        std::tuple(R"("name": "title")", R"("name": "titles")", "PUT /v1/sheets/{id}"),
        std::tuple(R"("requestBody": {"required": true)", R"("requestBody": {"required": false)",
                   "PUT /v1/sheets/{id}"),
        std::tuple(R"("204")", R"("205")", "PUT /v1/sheets/{id}")}) {
    const auto found = differences(file, reduced(changed(from, to)));
    BOOST_REQUIRE_MESSAGE(found.size() == 1, to << " makes " << found.size() << " differences");
    BOOST_TEST(found.front().starts_with(std::string(name) + ": "), found.front());
  }
  BOOST_TEST(differences(file, reduced(changed(R"("put")", R"("patch")"))).size() == 2u);
}

BOOST_AUTO_TEST_CASE(the_file_stands_as_it_is_made) {
  const json::object file = json::parse(facts_text()).as_object();
  BOOST_TEST((to_text(file) == facts_text()), "facts.json is not written as make_facts.sh writes it");
  for (const auto& each : file.at("schemas").as_object())
    BOOST_TEST(shorten(reduce_schema(expand(each.value()))) == each.value(), each.key());
}

BOOST_AUTO_TEST_CASE(the_file_says_what_the_description_at_hand_says) {
  const json::object file = json::parse(facts_text()).as_object();
  const char* path = std::getenv("MISTRAL_WORKFLOWS_OPENAPI");
  // Without a description this asks no more than that the file has the operations that it should.
  const json::object description = path && *path ? reduced(read_file(path)) : file;
  for (const std::string& each : differences(file, description)) BOOST_ERROR(each);
  BOOST_TEST(description.at("operations").as_object().size() == 53u);
}

BOOST_AUTO_TEST_SUITE_END()
