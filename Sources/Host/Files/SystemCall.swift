import Glibc

/// Calls the system again as long as a signal interrupts it; answers its result, or throws with the error number.
@discardableResult
func retryingInterrupted<Result: FixedWidthInteger & SignedInteger>(
    _ operation: DiskError.Operation, _ path: String, _ call: () -> Result
) throws(DiskError) -> Result {
    while true {
        let result = call()
        if result >= 0 { return result }
        let code = errno
        if code != EINTR { throw DiskError(operation, path, code: code) }
    }
}
