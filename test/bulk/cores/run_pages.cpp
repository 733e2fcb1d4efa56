// Where pages of runs lead.
#include "bulk/common/run_pages.hpp"

#include <boost/test/unit_test.hpp>

#include <cstddef>
#include <string>
#include <utility>

using namespace mistral::workflows;
using bulk_run::page_trail;
using step = page_trail::step;

namespace {

run_page page_to(std::string token, std::size_t rows) {
  run_page out;
  out.executions.resize(rows);
  if (!token.empty()) out.next_page_token = std::move(token);
  return out;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(run_pages)

BOOST_AUTO_TEST_CASE(pages_end_with_one_that_leads_nowhere_or_to_one_that_was_read) {
  page_trail trail;
  BOOST_TEST((trail.after(page_to("a", 1)) == step::next));
  BOOST_TEST((trail.after(page_to("b", 0)) == step::next));
  BOOST_TEST((trail.after(page_to("a", 1)) == step::circle));
  BOOST_TEST((trail.after(page_to("", 0)) == step::last));
}

BOOST_AUTO_TEST_CASE(a_thousand_pages_in_a_row_without_a_row_are_read_and_more_are_a_circle) {
  page_trail trail;
  const auto empty_pages = [&trail](const std::string& name, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i)
      if (trail.after(page_to(name + std::to_string(i), 0)) != step::next) return false;
    return true;
  };
  BOOST_TEST(empty_pages("a", page_trail::most_empty));
  BOOST_TEST((trail.after(page_to("a row", 1)) == step::next));
  BOOST_TEST(empty_pages("b", page_trail::most_empty));
  BOOST_TEST((trail.after(page_to("one more", 0)) == step::circle));
}

BOOST_AUTO_TEST_SUITE_END()
