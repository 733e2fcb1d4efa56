#include <mistral/workflows/model/patch.hpp>

#include <boost/json/parse.hpp>
#include <boost/test/unit_test.hpp>

namespace mistral::workflows {
namespace {

namespace json = boost::json;

json_patch_step step(patch_op op, std::string path, json::value value = nullptr) {
  json_patch_step made;
  made.op = op;
  made.path = std::move(path);
  made.value = std::move(value);
  return made;
}

json::value applied(json::value state, const std::vector<json_patch_step>& steps) {
  const auto problem = apply_patch(state, steps);
  BOOST_TEST(!problem, (problem ? problem->reason : ""));
  return state;
}

bool refused(json::value state, const json_patch_step& bad) {
  const json::value before = state;
  const std::vector<json_patch_step> steps{step(patch_op::add, "/first", 1), bad};
  const auto problem = apply_patch(state, steps);
  BOOST_TEST((state == before));
  return problem && problem->step == 1;
}

BOOST_AUTO_TEST_SUITE(json_patch)

BOOST_AUTO_TEST_CASE(add_sets_members_and_inserts_elements) {
  const json::value state = json::parse(R"({"a":{"b":1},"l":[1,3]})");
  BOOST_TEST(
      (applied(state, {step(patch_op::add, "/a/c", 2)}) == json::parse(R"({"a":{"b":1,"c":2},"l":[1,3]})")));
  BOOST_TEST((applied(state, {step(patch_op::add, "/a/b", 2)}).at("a").at("b") == json::value(2)));
  BOOST_TEST((applied(state, {step(patch_op::add, "/l/1", 2)}).at("l") == json::parse("[1,2,3]")));
  BOOST_TEST((applied(state, {step(patch_op::add, "/l/2", 4)}).at("l") == json::parse("[1,3,4]")));
  BOOST_TEST((applied(state, {step(patch_op::add, "/l/-", 4)}).at("l") == json::parse("[1,3,4]")));
  BOOST_TEST((applied(state, {step(patch_op::add, "", 4)}) == json::value(4)));
}

BOOST_AUTO_TEST_CASE(append_adds_text_to_a_string) {
  BOOST_TEST((applied({{"t", "Hel"}}, {step(patch_op::append, "/t", "lo"),
                                       step(patch_op::append, "/t", "!")}) == json::value{{"t", "Hello!"}}));
  BOOST_TEST((applied("a", {step(patch_op::append, "", "b")}) == json::value("ab")));
}

BOOST_AUTO_TEST_CASE(replace_and_remove_need_something_there) {
  BOOST_TEST((applied(json::parse(R"({"a":[1,2,3]})"),
                      {step(patch_op::remove, "/a/1"), step(patch_op::replace, "/a/1", 9)}) ==
              json::parse(R"({"a":[1,9]})")));
  BOOST_TEST(refused({{"a", 1}}, step(patch_op::replace, "/b", 1)));
  BOOST_TEST(refused({{"a", 1}}, step(patch_op::remove, "/b")));
}

BOOST_AUTO_TEST_CASE(paths_are_json_pointers) {
  BOOST_TEST((applied(json::object{{"a/b", 1}, {"m~n", 2}, {"", 3}},
                      {step(patch_op::replace, "/a~1b", 7), step(patch_op::replace, "/m~0n", 8),
                       step(patch_op::replace, "/", 9)}) ==
              json::value(json::object{{"a/b", 7}, {"m~n", 8}, {"", 9}})));
}

BOOST_AUTO_TEST_CASE(a_patch_that_does_not_fit_changes_nothing_and_names_its_step) {
  const json::value state = json::parse(R"({"a":[1],"t":"x"})");
  for (const json_patch_step& bad :
       {step(patch_op::add, "a", 1), step(patch_op::add, "/a/2", 1), step(patch_op::add, "/a/01", 1),
        step(patch_op::add, "/a/x", 1), step(patch_op::add, "/t/x", 1), step(patch_op::add, "/no/x", 1),
        step(patch_op::remove, "/a/-"), step(patch_op::append, "/a", "x"), step(patch_op::append, "/t", 5),
        step(patch_op::append, "/t", {{"type", "__encrypted__"}, {"value", "b64"}}),
        step(patch_op::unknown, "/t", 5)})
    BOOST_TEST(refused(state, bad), bad.path);
}

BOOST_AUTO_TEST_CASE(a_snapshot_replaces_the_state_and_a_patch_changes_it) {
  json::value state;
  json_payload whole;
  whole.value = {{"t", "a"}};
  BOOST_TEST(!apply_payload(state, whole));
  json_patch_payload patch;
  patch.value = std::vector<json_patch_step>{step(patch_op::append, "/t", "b")};
  BOOST_TEST(!apply_payload(state, patch));
  BOOST_TEST((state == json::value{{"t", "ab"}}));
  patch.value = std::string("encoded");
  BOOST_TEST(apply_payload(state, patch).has_value());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace mistral::workflows
