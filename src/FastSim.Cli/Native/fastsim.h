/* The C interface of libfastsim.so (docs/library.md). JSON goes in and comes out as UTF-8; all functions may be called from any thread. */
#ifndef FASTSIM_H
#define FASTSIM_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Creates a session, which keeps models and systems that were read for its next questions. */
int64_t fastsim_create(void);

/* Answers {"arguments": ["run", "-c", "runtime", "--json"], "documents": {"runtime": {...}}}. Returns the exit code that the program would:
   0 and 3 (no plan) come with what the command prints, 2 (input), 70 (a fault of FastSim's own) and others with {"error": "..."}.
   *answer is ended by a NUL and belongs to the caller, who gives it to fastsim_free_answer; answer_bytes may be null. */
int fastsim_solve(int64_t session, const char *request, ptrdiff_t request_bytes, char **answer, ptrdiff_t *answer_bytes);

/* Gives an answer back. */
void fastsim_free_answer(char *answer);

/* Ends a session. */
void fastsim_free(int64_t session);

#ifdef __cplusplus
}
#endif

#endif
