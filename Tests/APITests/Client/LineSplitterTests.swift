import Testing

@testable import API

@Suite("Lines")
struct LineSplitterTests {
    @Test("However the bytes are cut, the lines are the same", arguments: 1...9)
    func cuts(_ size: Int) {
        let text = Array("one\n\ntwo\nthree".utf8)
        var splitter = LineSplitter()
        var lines: [String] = []
        for start in stride(from: 0, to: text.count, by: size) {
            let fits = splitter.append(Array(text[start..<min(text.count, start + size)]))
            #expect(fits)
            while let line = splitter.next() { lines.append(String(decoding: line, as: UTF8.self)) }
        }
        #expect(lines == ["one", "", "two"])
        #expect(!splitter.isEmpty)
        let fits = splitter.append([0x0a])
        #expect(fits)
        #expect(splitter.next() == Array("three".utf8))
        #expect(splitter.isEmpty)
    }
}
