// JSON: nanoseconds for a document, beside simdjson and Boost.JSON's DOM.
// Not the documents: bench_json has them.
#include "rounds.hpp"

#include <boost/json/array.hpp>

#include <cstdio>
#include <map>

void bench::compare_json(const comparison& with, boost::json::object& report) {
  // Document and reader, with the nanoseconds of each round.
  std::map<std::string, std::map<std::string, std::vector<double>>> times;
  std::vector<double> ratios;
  const int rounds = with.rounds < 3 ? 3 : with.rounds;
  for (int round = 0; round < rounds; ++round) {
    const measured_run came = run_program(with, {"bench_json"});
    for (const auto& document : came.report) {
      if (!document.value().is_object()) continue;
      for (const auto& one : document.value().get_object()) {
        const std::string name = one.key();
        if (name.size() > 3 && name.ends_with("_ns"))
          times[document.key()][name.substr(0, name.size() - 3)].push_back(one.value().to_number<double>());
      }
    }
    const auto& page = came.report.at("page").as_object();
    ratios.push_back(page.at("ours_ns").to_number<double>() / page.at("simdjson_ns").to_number<double>());
  }
  std::printf("\nJSON               ns per document\n");
  for (const auto& [document, readers] : times)
    for (const auto& [reader, values] : readers)
      std::printf("  %-12s %-12s %12.0f\n", document.c_str(), reader.c_str(), median(values));
  std::fflush(stdout);
  report["page_decode_vs_simdjson"] = median(std::move(ratios));
}
