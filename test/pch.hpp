// What the library's own precompiled header has, and Boost.Test: compiled once for all test programs.
// Not an include to rely on: every file still includes what it uses.
#pragma once

#include "cmake/pch.hpp"

#include <boost/test/unit_test.hpp>
