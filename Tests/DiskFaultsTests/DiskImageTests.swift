import DiskFaults
import Testing

@Suite("A disk as a value")
struct DiskImageTests {
    private static let path = "/d/file"

    /// A disk with a durable file of so many bytes of a value.
    private func disk(_ count: Int, of byte: UInt8 = 1) -> (image: DiskImage, file: Int) {
        var image = DiskImage()
        image.createDirectory("/d")
        image.syncDirectory("/")
        let file = image.create(Self.path)
        image.write([UInt8](repeating: byte, count: count), at: 0, file: file)
        image.sync(file: file)
        image.syncDirectory("/d")
        return (image, file)
    }

    /// Every state that a crash may leave.
    private func crashes(_ image: DiskImage) -> [DiskImage] {
        (0..<1 << image.uncertainties).map { number in
            var position = 0
            return image.crashed {
                defer { position += 1 }
                return number >> position & 1 == 1
            }
        }
    }

    private func bytes(_ image: DiskImage, _ path: String = path) -> [UInt8]? {
        image.file(at: path).flatMap { image.files[$0]?.visible }
    }

    /// Whole sectors of these values.
    private func sectors(_ values: UInt8...) -> [UInt8] { values.flatMap { [UInt8](repeating: $0, count: 512) } }

    @Test("a disk of which nothing is uncertain is the same after a crash")
    func certain() {
        let (image, _) = disk(3000)
        #expect(image.uncertainties == 0)
        #expect(bytes(image.crashed { false }) == [UInt8](repeating: 1, count: 3000))
        #expect(image.visibleBytes == 3000)
    }

    @Test("a crash asks for each written sector, and a rewrite as it was is no question")
    func sectors() {
        var (image, file) = disk(3000)
        image.write([UInt8](repeating: 2, count: 600), at: 500, file: file)
        #expect(image.uncertainties == 3)
        #expect(Set(crashes(image).map { [$0.files[file]!.visible[511], $0.files[file]!.visible[600]] }).count == 4)
        image.write([UInt8](repeating: 1, count: 512), at: 512, file: file)
        #expect(image.uncertainties == 2)
        image.write([UInt8](repeating: 1, count: 600), at: 500, file: file)
        #expect(image.uncertainties == 0)
        image.write([UInt8](repeating: 1, count: 3000), at: 0, file: file)
        #expect(image.uncertainties == 0)
    }

    @Test("a crash asks for a grown length besides, and zeros behind the old one are no question")
    func growth() {
        var (image, file) = disk(512)
        image.setLength(1024, file: file)
        #expect(image.uncertainties == 1)
        image.write([0, 0, 0], at: 600, file: file)
        #expect(image.uncertainties == 1)
        image.write([7], at: 700, file: file)
        #expect(image.uncertainties == 2)
        #expect(Set(crashes(image).map { bytes($0)!.count }) == [512, 1024])
        #expect(Set(crashes(image).map { bytes($0)!.reduce(0) { $0 + Int($1) } }) == [512, 519])
        image.sync(file: file)
        #expect(image.uncertainties == 0)
        #expect(bytes(image.crashed { false })![700] == 7)
    }

    @Test("a sync does not make durable what a failed sync left, until it is written again")
    func failedSync() {
        var (image, file) = disk(2048)
        image.write([UInt8](repeating: 2, count: 1024), at: 0, file: file)
        image.failSync(file: file)
        image.write([3], at: 1024, file: file)
        image.sync(file: file)
        // The two sectors of the failed sync are still shown, and may be lost; the third is durable.
        #expect(image.uncertainties == 2)
        #expect(bytes(image)![..<1024].allSatisfy { $0 == 2 })
        #expect(bytes(image.crashed { false })![..<1024].allSatisfy { $0 == 1 })
        #expect(bytes(image.crashed { true })![..<1024].allSatisfy { $0 == 2 })
        #expect(crashes(image).allSatisfy { bytes($0)![1024] == 3 })
        image.write([UInt8](repeating: 2, count: 512), at: 0, file: file)
        #expect(image.uncertainties == 2)
        image.sync(file: file)
        #expect(image.uncertainties == 1)
        #expect(bytes(image.crashed { false })!.prefix(1024).elementsEqual(sectors(2, 1)))
    }

    @Test("a disk keeps what a failed sync left uncertain when the length changes too")
    func failedSyncThenGrowth() {
        var (image, file) = disk(1024)
        image.write([UInt8](repeating: 2, count: 512), at: 512, file: file)
        image.failSync(file: file)
        image.write([UInt8](repeating: 3, count: 512), at: 1024, file: file)
        image.sync(file: file)
        #expect(image.uncertainties == 1)
        #expect(bytes(image.crashed { false }) == sectors(1, 1, 3))
        #expect(bytes(image.crashed { true }) == sectors(1, 2, 3))
    }

    @Test("a file that is cut off and grown again may come back with what stood there, until it is synced")
    func shrinkThenGrow() {
        var (image, file) = disk(2048)
        image.setLength(700, file: file)
        image.setLength(2048, file: file)
        #expect(bytes(image) == [UInt8](repeating: 1, count: 700) + [UInt8](repeating: 0, count: 1348))
        #expect(image.uncertainties == 3)
        #expect(bytes(image.crashed { false }) == [UInt8](repeating: 1, count: 2048))
        #expect(bytes(image.crashed { true }) == bytes(image))
        image.sync(file: file)
        #expect(image.uncertainties == 0)
        #expect(bytes(image.crashed { false }) == bytes(image))
    }

    @Test("a crash can lose nothing but the new length of a file that was cut off")
    func shrink() {
        var (image, file) = disk(2048)
        image.write([UInt8](repeating: 2, count: 1024), at: 1024, file: file)
        image.setLength(1000, file: file)
        #expect(image.uncertainties == 1)
        #expect(
            Set(crashes(image).map { bytes($0)! }) == [
                .init(repeating: 1, count: 1000), .init(repeating: 1, count: 2048),
            ])
    }

    @Test("a crash gives a name that was taken over to one file or the other, and the disk lets go of the loser")
    func renameOver() {
        var (image, old) = disk(1000)
        let new = image.create("/d/new")
        image.write([5, 5], at: 0, file: new)
        image.sync(file: new)
        #expect(image.visibleBytes == 1002)
        image.rename("/d/new", to: Self.path)
        #expect(image.visibleBytes == 2)
        // The creation and the renaming: each may be lost.
        #expect(image.uncertainties == 2)
        #expect(Set(crashes(image).map { bytes($0)!.count }) == [1000, 2])
        #expect(image.files[old] != nil)
        image.syncDirectory("/d")
        #expect(image.uncertainties == 0 && image.files[old] == nil)
        #expect(bytes(image.crashed { false }) == [5, 5])
        // Whoever still has the old file open meets nothing.
        image.write([1], at: 0, file: old)
        image.sync(file: old)
        image.failSync(file: old)
        #expect(image.files[old] == nil && image.uncertainties == 0)
    }

    @Test("a crash that loses a directory loses the names in it and in those below it")
    func lostDirectory() {
        var image = DiskImage()
        image.createDirectory("/d")
        image.createDirectory("/d/e")
        _ = image.create("/d/e/file")
        image.syncDirectory("/d/e")
        image.syncDirectory("/d")
        #expect(image.uncertainties == 1)
        let lost = image.crashed { false }
        #expect(!lost.hasDirectory("/d") && !lost.hasDirectory("/d/e"))
        #expect(lost.visibleNames.isEmpty && lost.files.isEmpty)
        #expect(image.crashed { true }.names(in: "/d/e") == ["file"])
    }

    @Test("a disk is changed at rest behind every program's back")
    func rest() {
        var (image, file) = disk(1024)
        image.flip(bit: 3, at: 600, file: file)
        image.overwrite([9, 9, 9], at: 1022, file: file)
        #expect(image.uncertainties == 0)
        #expect(bytes(image)![600] == 9 && bytes(image)!.suffix(3) == [1, 9, 9])
        #expect(bytes(image.crashed { false }) == bytes(image))
        let other = image.create("/d/other")
        image.syncDirectory("/d")
        image.exchange(Self.path, "/d/other")
        #expect(image.uncertainties == 0)
        #expect(image.file(at: "/d/other") == file && image.file(at: Self.path) == other)
        #expect(image.crashed { false }.file(at: "/d/other") == file)
    }

    @Test("a disk knows what of a file lies before its last two writes")
    func cold() {
        var (image, file) = disk(100)
        image.write([1], at: 300, file: file)
        #expect(image.files[file]?.coldBytes == 0)
        image.write([1], at: 500, file: file)
        #expect(image.files[file]?.coldBytes == 300)
        image.setLength(200, file: file)
        #expect(image.files[file]?.coldBytes == 200)
    }

    @Test("a crash asks as many questions as the disk says, and every answer to them is a state of its own or known")
    func questions() {
        for seed in 1...1000 as ClosedRange<UInt64> {
            var history = RandomHistory(seed: seed)
            for _ in 0..<1 + history.below(60) { history.step() }
            let image = history.image
            for answer in [false, true] {
                var asked = 0
                let after = image.crashed {
                    asked += 1
                    return answer
                }
                #expect(asked == image.uncertainties, "seed \(seed)")
                #expect(after.uncertainties == 0 && after.crashed { true } == after, "seed \(seed)")
            }
            let chosen = history.crash()
            #expect(chosen.uncertainties == 0, "seed \(seed)")
        }
    }

    @Test("each sector shows after any crash what stood there at the last sync or what was shown last")
    func sectorsOfRandomHistories() {
        for seed in 2001...3000 as ClosedRange<UInt64> {
            var history = RandomHistory(seed: seed)
            for _ in 0..<1 + history.below(60) { history.step() }
            let image = history.image
            let after = history.crash()
            for file in after.visibleNames.values {
                let (content, found) = (image.files[file]!, after.files[file]!.visible)
                #expect([content.visible.count, content.durable.count].contains(found.count), "seed \(seed)")
                for (offset, byte) in found.enumerated() {
                    let shown = offset < content.visible.count ? content.visible[offset] : 0
                    let durable = offset < content.durable.count ? content.durable[offset] : 0
                    let isUncertain = content.uncertainSectors.contains(offset / DiskImage.sectorBytes)
                    guard byte != durable, !isUncertain || byte != shown else { continue }
                    Issue.record("seed \(seed): byte \(offset) of file \(file) is \(byte)")
                    return
                }
            }
        }
    }
}
