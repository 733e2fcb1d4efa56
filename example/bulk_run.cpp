// Executes a workflow for each line of a file, however many there are and
// however often it is interrupted: the same command goes on where it was.
// Outcomes are added to a file of JSON lines. `bulk_run --help` has the rest.
#include "bulk_program.hpp"
#include "sample_workflows.hpp"

int main(int count, char** arguments) {
  bulk_run::seams parts;
  parts.workflows = sample::workflows();
  return bulk_run::run(count, arguments, parts);
}
