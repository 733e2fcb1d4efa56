// make_facts DESCRIPTION: writes what facts.json must be to stdout. make_facts.sh builds and runs it.
#include "openapi/facts/facts.hpp"
#include "openapi/facts/reduce.hpp"

#include <boost/json/parse.hpp>

#include <exception>
#include <iostream>

int main(int count, char** arguments) {
  if (count != 2) {
    std::cerr << "usage: make_facts DESCRIPTION\n";
    return 2;
  }
  try {
    std::cout << openapi::to_text(openapi::reduce(boost::json::parse(openapi::read_file(arguments[1]))));
  } catch (const std::exception& failed) {
    std::cerr << "make_facts: " << failed.what() << '\n';
    return 1;
  }
}
