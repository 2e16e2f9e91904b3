"""From a record to findings: what the contract lets a provider answer, the checks, the lifecycle oracle, coverage.

Pure: nothing here sends, waits or writes. A run that was stored is judged by the same code as one that just ended.
"""
