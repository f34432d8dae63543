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
int nvmlDeviceGetUUID(void *device, char *text, unsigned int n) { snprintf(text, n, "GPU-%ucafe", index_of(device)); return OK; }
int nvmlDeviceGetName(void *device, char *text, unsigned int n) { snprintf(text, n, "Fake %u", index_of(device)); return OK; }
int nvmlDeviceGetUtilizationRates(void *device, Utilization *rates) {
    if (index_of(device) == 7) return NOT_SUPPORTED; /* as for MIG */
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
/* nvmlDeviceGetClockInfo, nvmlDeviceGetTotalEnergyConsumption and the lists of processes are left out,
   as in an old driver. */
