# SPDX-License-Identifier: Apache-2.0
# The parts of the programs that need no other process.
foreach(part msg statement jws endpoint enrolment state pin preflight)
    holdfast_test(unit_agent_${part} SOURCES test_${part}.c LIBS agent_core LABELS "unit;agent")
endforeach()
