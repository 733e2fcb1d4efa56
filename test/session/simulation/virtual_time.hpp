// A steady clock that stands still while anything runs and jumps to
// the next timer when nothing can: minutes pass in microseconds.
// For a program of its own: it takes the place of std::chrono::steady_clock::now()
// and of the timer that Asio's reactor waits for.
#pragma once

#include <boost/asio/io_context.hpp>

#include <chrono>
#include <functional>

namespace simulation {

using time_point = std::chrono::steady_clock::time_point;

time_point now();

/// Runs all that is ready, and jumps on, until `ended`. One
/// io_context at a time. False: nothing is left that could happen.
bool run_until(boost::asio::io_context& io, const std::function<bool()>& ended);

}  // namespace simulation
