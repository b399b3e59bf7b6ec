import DiskFaults
import Host
import Journal
import Primitives
import Raft
import Testing

/// Writes that landed elsewhere: every byte of them has a right checksum, only not for that place.
@Suite("Misdirected writes")
struct MisdirectedWriteTests {
    /// Some sectors over others.
    private struct Stray {
        var bytes: [UInt8]
        var offset: Int
        var path: String
        var file: Int
        /// Whether they reach the last batch, which only its seal proves.
        var reachesEnd: Bool
    }

    /// Every so many sectors of the log and its snapshot, over each place of the same.
    private func strays(_ image: DiskImage, sectors count: Int) -> [Stray] {
        let logs = SoundLog.files(of: image, ".log")
        let files = logs + SoundLog.files(of: image, ".snap")
        let sources = files.flatMap { source in
            let content = image.files[source.file]!.visible
            return stride(from: 0, to: content.count, by: DiskImage.sectorBytes).map {
                Array(content[$0..<min($0 + count * DiskImage.sectorBytes, content.count)])
            }
        }
        return files.flatMap { target in
            let content = image.files[target.file]!
            let proven = target.file == logs.last!.file ? content.coldBytes : content.visible.count
            return stride(from: 0, to: content.visible.count, by: DiskImage.sectorBytes).flatMap { offset in
                sources.map {
                    Stray(
                        bytes: $0, offset: offset, path: target.path, file: target.file,
                        reachesEnd: min(offset + $0.count, content.visible.count) > proven)
                }
            }
        }
    }

    @Test("No sectors of a log or a snapshot over others of it are silently accepted", arguments: [1, 3, 8])
    func sectorsOverOthers(count: Int) throws {
        let (image, expected) = try SoundLog.make()
        var refusals = 0
        for stray in strays(image, sectors: count) {
            var changed = image
            changed.overwrite(stray.bytes, at: stray.offset, file: stray.file)
            guard changed != image else { continue }
            let place = "\(stray.bytes.count) bytes over \(stray.path) at \(stray.offset)"
            do {
                let recovered = try Fixture.recover(from: changed)
                // Nothing proves what was lost together with all that followed it; what is served is right.
                #expect(stray.reachesEnd, "\(place)")
                #expect(recovered.entries == Array(expected.entries.prefix(recovered.entries.count)), "\(place)")
            } catch {
                refusals += 1
                #expect(error.exitCode == 70, "\(place): \(error)")
            }
        }
        print("\(refusals) misdirected writes of \(count) sectors refused")
        #expect(refusals > 500)
    }

    @Test("A write of the workload that lands elsewhere is found at the next start", arguments: 0..<4)
    func anyWrite(round: Int) throws {
        var generator = SeededGenerator(seed: UInt64(round))
        let whole = Fixture.disk()
        _ = try live(on: whole)
        var refusals = 0
        for operation in 1...whole.operations where whole.history[operation - 1] == .write {
            let disk = Fixture.disk()
            disk.fault = (operation, try place(of: operation, using: &generator))
            let model: LogModel
            do {
                model = try live(on: disk)
            } catch JournalError.alreadyThere {
                continue
            }
            do {
                let recovered = try Fixture.recover(from: disk.image)
                #expect(
                    model.matches(recovered) || recovered.unreadableSnapshot != nil,
                    "operation \(operation): \(recovered.hardState) \(recovered.last)")
            } catch {
                refusals += 1
                #expect(error.exitCode == 70, "operation \(operation): \(error)")
            }
        }
        #expect(refusals > 3)
    }

    /// The whole workload, and the seal that an idle log writes.
    private func live(on disk: FaultyDisk) throws -> LogModel {
        let log = try Fixture.create(on: disk)
        defer { log.close() }
        var model = LogModel()
        for step in Step.workload {
            try step.perform(on: log)
            model = step.outcomes(from: model).last!
        }
        try log.seal()
        return model
    }

    /// Some place in some file that is there when the operation begins.
    private func place(of operation: Int, using generator: inout SeededGenerator) throws -> FaultyDisk.Fault {
        let disk = Fixture.disk()
        disk.fault = (operation, .crash(keepsBytes: 0))
        #expect(throws: JournalError.self) { try live(on: disk) }
        let files = SoundLog.files(of: disk.image, "")
        let target = files[Int.random(in: 0..<files.count, using: &generator)]
        let sectors = disk.image.files[target.file]!.visible.count / DiskImage.sectorBytes
        let sector = Int.random(in: 0...sectors, using: &generator)
        return .misdirect(path: target.path, offset: sector * DiskImage.sectorBytes)
    }
}
