/* SPDX-License-Identifier: Apache-2.0 */
#include "lab/lab.h"

static void print_oracles(const explore_result_t *result, FILE *out)
{
    uint64_t all = explore_violations(result);
    if (all == 0) {
        (void)fprintf(out, "0 violations");
        return;
    }
    (void)fprintf(out, "%llu violations:", (unsigned long long)all);
    for (unsigned i = 0; i < LAB_ORACLES; i++) {
        if (result->violations[i] > 0) {
            (void)fprintf(out, " %s %llu", lab_oracle_name((lab_oracle_t)i),
                          (unsigned long long)result->violations[i]);
        }
    }
}

static void print_way(const lab_report_t *report, lab_way_t way, FILE *out)
{
    const explore_result_t *result = &report->by_way[way];
    if (report->way_scenarios[way] == 0) {
        return;
    }
    (void)fprintf(out, "policy %s: %llu scenarios, %u ops, %llu cuts, %llu states, ",
                  lab_way_name(way), (unsigned long long)report->way_scenarios[way],
                  (unsigned)result->ops, (unsigned long long)result->cuts,
                  (unsigned long long)result->states);
    print_oracles(result, out);
    (void)fprintf(out, "%s\n", result->complete ? "" : " (cut short)");
    (void)fprintf(out,
                  "  at worst: %u resets until an application runs, %u boots to rest, %u flash "
                  "operations and %.0f ms in a boot, %u bytes sent again, %u erases of a record's "
                  "sector in a life\n",
                  (unsigned)result->longest_silence, (unsigned)result->longest_chain,
                  (unsigned)result->most_ops, (double)result->slowest_boot_us / 1000.0,
                  (unsigned)result->most_resent, (unsigned)result->worst_wear);
    bool shown[LAB_ORACLES] = {false};
    for (uint32_t i = 0; i < result->kept;
         i++) { /* the first of each oracle: those are shortened */
        const lab_violation_t *violation = &result->violation[i];
        if (shown[violation->verdict.oracle]) {
            continue;
        }
        shown[violation->verdict.oracle] = true;
        (void)fprintf(out, "  %s  %s (%s): %s\n", violation->id,
                      lab_oracle_name(violation->verdict.oracle),
                      lab_oracle_title(violation->verdict.oracle), violation->verdict.what);
    }
}

void lab_report_print(const lab_report_t *report, FILE *out)
{
    unsigned kinds = 0;
    for (unsigned i = 0; i < DAMAGE_KINDS; i++) {
        kinds += report->sum.kinds[i] > 0;
    }
    for (unsigned way = 0; way < LAB_WAYS; way++) {
        print_way(report, (lab_way_t)way, out);
    }
    (void)fprintf(out,
                  "%zu scenarios, %llu cuts of %u kinds, %llu states, %llu lives in %.1f s "
                  "with %u processes%s\n",
                  report->scenarios, (unsigned long long)report->sum.cuts, kinds,
                  (unsigned long long)report->sum.states, (unsigned long long)report->sum.lives,
                  report->seconds, report->jobs, report->sum.complete ? "" : " (cut short)");
}
