// The client's process of bench_bulk: the jobs through wf::bulk, or as many coroutines that execute and poll.
// Not the comparison: that is bench_bulk.cpp.
#pragma once

#include "bulk_jobs.hpp"

#include <boost/json/object.hpp>

#include <cstddef>
#include <string>

namespace bulk_bench {

struct client_settings {
  client_settings() = default;

  std::string url;
  std::string ca_file;
  std::string journal;  ///< empty: none
  std::size_t in_flight = 2000;
  job_plan plan;
};

/// Both answer {"outcomes", "wrong", "seconds", "max_rss_mb"}: an outcome is wrong that is not
/// the one which the job was to have, or that a job has twice. Errors: what a call ends with.
boost::json::object run_bulk(const client_settings& wanted);
boost::json::object run_plain(const client_settings& wanted);

}  // namespace bulk_bench
