// Executes a workflow for each line of a file, however many there are and however often it is interrupted: the same command
// goes on where it was. Outcomes are added to a file of JSON lines. `bulk_run --help` has the rest.
#include "bulk_run/program.hpp"

int main(int count, char** arguments) { return bulk_run::run(count, arguments); }
