// Documents made from every schema of the description, through the model and back.
#include "openapi/equivalence.hpp"
#include "openapi/generate.hpp"
#include "openapi/misfits.hpp"
#include "openapi/models.hpp"
#include "openapi/schema_check.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/test/unit_test.hpp>

#include <set>
#include <utility>

namespace openapi {
namespace {

using mistral::workflows::protocol::nulls;

std::string text_of(const json::value& document) { return json::serialize(document); }

// The types that an answer of any operation has in it.
void collect(const json::value& schema, std::set<std::string>& names) {
  if (schema.is_array())
    for (const json::value& each : schema.get_array()) collect(each, names);
  if (!schema.is_object()) return;
  if (const std::string name = description::name_of(schema); !name.empty() && names.insert(name).second)
    collect(description::get().schemas().at(name), names);
  for (const auto& member : schema.get_object()) collect(member.value(), names);
}

std::set<std::string> names_in_answers() {
  std::set<std::string> names;
  for (const operation& each : description::get().operations())
    for (const auto& [status, answer] : each.responses)
      if (answer.schema) collect(*answer.schema, names);
  return names;
}

void check_survives(const model& type, const json::value& document) {
  const json::value& schema = description::get().schemas().at(type.schema);
  for (const auto& [order, empty] : {std::pair(document, nulls::omit), std::pair(document, nulls::write),
                                     std::pair(reversed(document), nulls::omit),
                                     std::pair(shuffled(document, text_of(document).size()), nulls::omit)}) {
    const reading read = type.read(text_of(order), empty);
    BOOST_REQUIRE_MESSAGE(!read.problem, type.schema << ": " << read.problem->path << ": "
                                                     << read.problem->reason << " in " << text_of(order));
    for (const std::string& difference : equivalence()(schema, document, json::parse(read.text)))
      BOOST_ERROR(type.schema << difference << " in " << text_of(order));
  }
}

void check_all(generate_options options, std::uint64_t variants) {
  for (const model& type : models()) {
    for (options.variant = 0; options.variant < variants; ++options.variant) {
      const json::value document = generator(options)(description::get().schemas().at(type.schema));
      if (!options.unknown) {
        const auto problems = schema_check(true)(description::get().schemas().at(type.schema), document);
        if (!problems.empty()) BOOST_FAIL("the test's own document: " << type.schema << problems.front());
      }
      check_survives(type, document);
    }
  }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(openapi_documents)

BOOST_AUTO_TEST_CASE(every_schema_of_an_answer_has_a_type) {
  const std::set<std::string> names = names_in_answers();
  for (const std::string& name : names) {
    const json::object& schema = description::get().resolve(description::get().schemas().at(name));
    if (find(schema, "properties"))
      BOOST_TEST(model_of(name) != nullptr, name << " has no type in the model");
  }
  for (const model& type : models())
    BOOST_TEST(description::get().schemas().contains(type.schema), "the description has no " << type.schema);
}

BOOST_AUTO_TEST_CASE(required_members_alone_survive) {
  generate_options options;
  options.optional = false;
  check_all(options, 4);
}

BOOST_AUTO_TEST_CASE(everything_survives_with_arrays_of_none_one_and_many) {
  generate_options options;
  for (options.elements = 0; options.elements < 4; ++options.elements)
    check_all(options, options.elements == 1 ? 18 : 2);
}

BOOST_AUTO_TEST_CASE(null_survives_where_it_is_allowed) {
  generate_options options;
  options.nulls = true;
  check_all(options, 3);
}

BOOST_AUTO_TEST_CASE(what_is_later_than_this_library_does_no_harm) {
  generate_options options;
  options.unknown = true;
  check_all(options, 18);
}

BOOST_AUTO_TEST_CASE(a_wrong_type_is_blamed_on_the_member_that_has_it) {
  const std::set<std::string> names = names_in_answers();
  for (const model& type : models()) {
    if (!names.contains(std::string(type.schema))) continue;  // sent and never read
    std::size_t tried = 0;
    generate_options options;
    for (options.variant = 0; options.variant < 4; ++options.variant) {
      const json::value& schema = description::get().schemas().at(type.schema);
      json::value document = generator(options)(schema);
      misfits(schema, document, [&](const misfit& wrong) {
        ++tried;
        const reading read = type.read(text_of(document), nulls::omit);
        const model* const around = model_of(wrong.around);
        if (around != nullptr && around->forgives) {
          BOOST_TEST(!read.problem,
                     type.schema << wrong.path << " as " << wrong.kind << " costs the document");
          return;
        }
        BOOST_TEST(
            (read.problem && read.problem->path == wrong.path),
            type.schema << wrong.path << " as " << wrong.kind << " gives "
                        << (read.problem ? read.problem->path + ": " + read.problem->reason : "no error"));
        if (read.problem)
          BOOST_TEST(read.kept_as_unknown == wrong.in_event,
                     type.schema << wrong.path << " as " << wrong.kind);
      });
    }
    BOOST_TEST(tried > 0u, type.schema << " has no member that could be wrong");
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace openapi
