/* A stand-in for NVIDIA's driver library, with two GPUs; environment variables choose how it fails. */
#include <stdlib.h>
#include <string.h>
#include <stdio.h>

enum { OK = 0, INVALID = 2, NOT_SUPPORTED = 3, NOT_FOUND = 6, DRIVER_NOT_LOADED = 9, GPU_IS_LOST = 15 };

typedef struct { unsigned int gpu, memory; } Utilization;
typedef struct { unsigned long long total, free, used; } Memory;

static char handles[8];
static int flag(const char *name) { const char *value = getenv(name); return value ? atoi(value) : 0; }
static unsigned int count(void) { const char *value = getenv("FAKE_GPUS"); return value ? (unsigned)atoi(value) : 2; }
static unsigned int index_of(void *device) { return (unsigned)((char *)device - handles); }

int nvmlInit_v2(void) { return flag("FAKE_NO_DRIVER") ? DRIVER_NOT_LOADED : OK; }
int nvmlInitWithFlags(unsigned int flags) { (void)flags; return nvmlInit_v2(); }
int nvmlShutdown(void) { return OK; }
const char *nvmlErrorString(int code) { (void)code; return "fake error"; }
int nvmlSystemGetDriverVersion(char *text, unsigned int n) { snprintf(text, n, "999.1"); return OK; }
int nvmlSystemGetCudaDriverVersion_v2(int *version) { *version = 13000; return OK; }
int nvmlDeviceGetCount_v2(unsigned int *n) { *n = count(); return OK; }
int nvmlDeviceGetHandleByIndex_v2(unsigned int i, void **device) {
    if (i >= count()) return INVALID;
    *device = handles + i;
    return OK;
}
int nvmlDeviceGetHandleByUUID(const char *uuid, void **device) {
    if (strcmp(uuid, "MIG-slice")) return NOT_FOUND;
    *device = handles + 7;
    return OK;
}
int nvmlDeviceGetUUID(void *device, char *text, unsigned int n) {
    unsigned int i = index_of(device);
    snprintf(text, n, i < 6 ? "GPU-%ucafe" : i == 6 ? "MIG-%ucafe" : "MIG-slice", i);
    return OK;
}
int nvmlDeviceGetName(void *device, char *text, unsigned int n) { snprintf(text, n, "Fake %u", index_of(device)); return OK; }
int nvmlDeviceGetUtilizationRates(void *device, Utilization *rates) {
    if (index_of(device) >= 6) return NOT_SUPPORTED; /* as for MIG */
    rates->gpu = 40 + index_of(device);
    rates->memory = 5;
    return OK;
}
int nvmlDeviceGetMemoryInfo(void *device, Memory *memory) {
    memory->total = 1000; memory->used = 250 + index_of(device); memory->free = 1000 - memory->used;
    return flag("FAKE_LOST") ? GPU_IS_LOST : OK;
}
int nvmlDeviceGetPowerUsage(void *device, unsigned int *milliwatts) { (void)device; *milliwatts = 123500; return OK; }
int nvmlDeviceGetEnforcedPowerLimit(void *device, unsigned int *milliwatts) { (void)device; *milliwatts = 300000; return OK; }
int nvmlDeviceGetTemperature(void *device, int sensor, unsigned int *celsius) { (void)device; (void)sensor; *celsius = 61; return OK; }
int nvmlDeviceGetFanSpeed(void *device, unsigned int *percent) { (void)device; (void)percent; return NOT_SUPPORTED; }

/* An old driver lacks what follows. */
#ifndef OLD
enum { INSUFFICIENT_SIZE = 7 };
typedef struct { unsigned int pid; unsigned long long bytes; unsigned int gpu_instance, compute_instance; } Process;
typedef struct { unsigned int pid; unsigned long long at; unsigned int sm, memory, encoder, decoder; } Use;
typedef struct { unsigned int id, scope; long long at, latency; int type, result; unsigned long long value; } Field;
typedef struct { unsigned int multiprocessors, copy, decoder, encoder, jpeg, ofa, gpu_slices, compute_slices; unsigned long long megabytes; } Attributes;

/* FAKE_PIDS="12 34": these processes work on GPU 0, each with 100 bytes and 20 % of its multiprocessors. */
static unsigned int pids(unsigned int *found) {
    const char *text = getenv("FAKE_PIDS");
    unsigned int n = 0;
    char *end;
    while (text && *text && n < 8) {
        found[n] = (unsigned)strtoul(text, &end, 10);
        if (end == text) break;
        text = end;
        n++;
    }
    return n;
}
int nvmlDeviceGetComputeRunningProcesses_v3(void *device, unsigned int *n, Process *processes) {
    unsigned int found[8], count = index_of(device) == 0 ? pids(found) : 0;
    if (*n < count) { *n = count; return INSUFFICIENT_SIZE; }
    for (unsigned int i = 0; i < count; i++) { processes[i].pid = found[i]; processes[i].bytes = 100; }
    *n = count;
    return OK;
}
int nvmlDeviceGetProcessUtilization(void *device, Use *uses, unsigned int *n, unsigned long long since) {
    unsigned int found[8], count = pids(found);
    if (index_of(device) != 0 || !count || since > 1000000000000000ULL * 9) return NOT_FOUND;
    if (*n < 2 * count) { *n = 2 * count; return INSUFFICIENT_SIZE; }
    for (unsigned int i = 0; i < count; i++) { /* two samples each: the later one counts */
        memset(uses + 2 * i, 0, 2 * sizeof(Use));
        uses[2 * i].pid = uses[2 * i + 1].pid = found[i];
        uses[2 * i].at = since + 2; uses[2 * i].sm = 20;
        uses[2 * i + 1].at = since + 1; uses[2 * i + 1].sm = 90;
    }
    *n = 2 * count;
    return OK;
}
int nvmlDeviceGetTotalEnergyConsumption(void *device, unsigned long long *millijoules) {
    static unsigned long long used[8];
    *millijoules = used[index_of(device)] += 1500;
    return OK;
}
int nvmlDeviceGetClockInfo(void *device, int kind, unsigned int *mhz) { (void)device; *mhz = kind == 1 ? 1500 : 2600; return OK; }
int nvmlDeviceGetCurrentClocksThrottleReasons(void *device, unsigned long long *reasons) { (void)device; *reasons = 0x1 | 0x4; return OK; }
int nvmlDeviceGetTotalEccErrors(void *device, int kind, int counter, unsigned long long *n) {
    (void)counter;
    if (index_of(device) == 1) return NOT_SUPPORTED; /* a consumer's card */
    *n = kind == 0 ? 3 : 0;
    return OK;
}
int nvmlDeviceGetPcieThroughput(void *device, int direction, unsigned int *kilobytes) { (void)device; *kilobytes = direction == 0 ? 7 : 9; return OK; }
int nvmlDeviceGetFieldValues(void *device, int n, Field *fields) {
    static unsigned long long kib[8];
    for (int i = 0; i < n; i++) {
        fields[i].result = index_of(device) == 1 || fields[i].scope != 0xFFFFFFFF ? NOT_SUPPORTED : OK;
        fields[i].value = kib[index_of(device)] += 1024;
    }
    return OK;
}
int nvmlDeviceGetCudaComputeCapability(void *device, int *major, int *minor) { (void)device; *major = 9; *minor = 0; return OK; }
/* FAKE_MIG=1: GPU 0 is cut into two slices. */
int nvmlDeviceGetMigMode(void *device, unsigned int *now, unsigned int *later) {
    if (index_of(device) != 0) return NOT_SUPPORTED;
    *now = *later = (unsigned)flag("FAKE_MIG");
    return OK;
}
int nvmlDeviceGetMaxMigDeviceCount(void *device, unsigned int *n) { (void)device; *n = 7; return OK; }
int nvmlDeviceGetMigDeviceHandleByIndex(void *device, unsigned int i, void **slice) {
    (void)device;
    if (i > 1) return NOT_FOUND;
    *slice = handles + 6 + i;
    return OK;
}
int nvmlDeviceGetAttributes_v2(void *device, Attributes *attributes) {
    memset(attributes, 0, sizeof *attributes);
    attributes->gpu_slices = index_of(device) == 6 ? 3 : 4;
    return OK;
}
#endif
