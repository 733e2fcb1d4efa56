// What a user's program does with the library, at its smallest: an error that the library throws is caught as its own type.
// Not a test of behaviour: it shows that the library links, and that type identity crosses the library boundary.
#include <mistral/workflows/error.hpp>

#include <iostream>

namespace wf = mistral::workflows;

int main() {
  try {
    throw wf::api_error(wf::api_error_details(), wf::error_context());
  } catch (const wf::error& error) {
    std::cout << error.what() << '\n';
    return 0;
  }
}
