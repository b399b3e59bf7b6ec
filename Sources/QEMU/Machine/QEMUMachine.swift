import Glibc
import Host
import Hypervisor
import JSONText
import Primitives

/// One machine: its directory, its process and the conversation with it.
///
/// The driver gives the calls that change something their turns; only looks may come in between, and they see from
/// `activity` what is going on. Nothing in memory is believed for long: each look asks the lock, the kernel and QEMU.
actor QEMUMachine {
    enum Activity: Equatable {
        case none
        case starting
        case stopping
    }

    let uid: UID
    let directory: MachineDirectory
    let environment: DriverEnvironment
    let changes = ChangeSignal()

    var activity = Activity.none
    /// The last launch, as its file says or is about to say.
    var record: LaunchRecord?
    /// Why there is no record although there should be.
    var recordProblem: String?
    /// Whether the file was read; until then a missing `record` means nothing.
    var recordIsRead = false
    /// Counts the records that this machine has had written.
    private var recordNumber: UInt64 = 0
    let recordFile: RecordFile
    /// Those that wait for the look that is being taken; nil while none is.
    var lookers: [CheckedContinuation<ObservedState, Never>]?
    /// The last write that no call waited for, and with it those before; ``close()`` waits for it.
    var saving: Task<Void, Never>?
    /// The process that holds the machine's lock and was proven to be this machine.
    var process: ProcessHandle?
    /// The connection to that process.
    var connection: QMPConnection?
    /// Attempts in a row that QEMU left without an answer.
    var silentAttempts = 0

    init(uid: UID, environment: DriverEnvironment) {
        self.uid = uid
        self.environment = environment
        directory = MachineDirectory(root: environment.root, uid: uid)
        recordFile = RecordFile(directory)
    }

    /// How long QEMU may take to answer a command, in milliseconds; it usually needs less than one, but on a host whose
    /// processors are all taken it may come to a second.
    static let answerMilliseconds: Int64 = 2000

    /// Releases the process without touching it, once what is being written is durable.
    func close() async {
        await saving?.value
        connection?.close()
        connection = nil
        process = nil
    }

    /// Runs blocking work on the driver's own threads.
    func onPool<Value: Sendable, Failure: Error>(
        _ body: @escaping @Sendable () throws(Failure) -> Value
    ) async throws(Failure) -> Value {
        try await environment.pool.run(body)
    }

    /// Asks QEMU; counts the silence.
    func execute(_ command: String, _ arguments: JSON? = nil) async throws(QMPFailure) -> JSON {
        guard let connection else { throw .closed("there is no connection") }
        let reply = try await connection.execute(command, arguments, timeoutMilliseconds: Self.answerMilliseconds)
        silentAttempts = 0
        return reply
    }

    /// Takes a number for a record that is about to be written: of two, the one with the higher number stays.
    func nextRecordNumber() -> UInt64 {
        recordNumber += 1
        return recordNumber
    }

    /// Keeps the record and writes it down.
    func save(_ record: LaunchRecord) async throws(MachineFailure) {
        self.record = record
        try await write(record, number: nextRecordNumber())
    }

    /// Writes a record that memory holds already, or held when it got its number.
    func write(_ record: LaunchRecord, number: UInt64) async throws(MachineFailure) {
        let file = recordFile
        do throws(DiskError) {
            try await onPool { () throws(DiskError) in try file.write(record, number: number) }
            recordProblem = nil
        } catch {
            recordProblem = "the launch record could not be written: \(error)"
            throw .retryable(error.isOutOfSpace ? .noSpace : .hostFailed, message: "\(error)")
        }
    }

    /// Reads the record once; afterwards memory and file are the same. Only looks call it, and there is one at a time.
    func loadRecord() async {
        guard !recordIsRead else { return }
        recordIsRead = true
        let path = recordFile.path
        do {
            let bytes = try await onPool { () throws(DiskError) in
                try DurableFile.read(path, limit: LaunchRecord.fileBytes)
            }
            let record = try LaunchRecord(json: JSON(parsing: bytes))
            if record.uid == uid {
                self.record = record
            } else {
                recordProblem = "\(path) belongs to machine \(record.uid)"
            }
        } catch let error as DiskError where error.isNotFound {
            // The usual case of a machine that was never started here.
            recordProblem = nil
        } catch {
            recordProblem = "\(path) can't be read: \(error)"
            // Damage stays; what hindered the reading may pass.
            recordIsRead = !(error is DiskError)
        }
    }
}
