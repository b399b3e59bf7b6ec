import Fleet
import Glibc
import Host
import Sealing
import TestFiles
import Testing

@testable import Agent

@Suite("The file of the keys for secrets")
struct SecretsKeyStoreTests {
    private let directory = TemporaryDirectory(named: "secrets")
    private let first = SealingKey.random(version: 1)
    private let second = SealingKey.random(version: 2)
    private let third = SealingKey.random(version: 3)

    private var path: String { directory.path + "/secrets.key" }
    private func open() throws(AgentError) -> SecretsKeyStore { try SecretsKeyStore(NodeDirectory(directory.path)) }

    @Test("what is kept is there after a restart, for the owner alone")
    func kept() async throws {
        let store = try open()
        #expect(store.keyring == Keyring())
        try await store.keep([second, first])
        try await store.keep([first])
        #expect(store.keyring.keys == [first, second])
        #expect(try open().keyring == store.keyring)
        var facts = stat()
        #expect(stat(path, &facts) == 0 && facts.st_mode & 0o777 == 0o600)
    }

    @Test("keys that are of no use any more are gone from the file")
    func dropped() async throws {
        let store = try open()
        try await store.keep([first, second, third])
        try await store.drop(for: third.record)
        #expect(store.keyring.keys == [second, third])
        #expect(try open().keyring.keys == [second, third])
    }

    @Test("a damaged file is never taken for an empty one")
    func damaged() async throws {
        try await open().keep([first])
        let whole = try DurableFile.read(path, limit: 4096)
        for length in 1..<(whole.count - 2) {
            try DurableFile.write(Array(whole.prefix(length)), to: path, mode: 0o600)
            let failure = #expect(throws: AgentError.self) { try open() }
            #expect(failure?.exitCode == 70)
        }
        for text in ["", "{}", "[]", #"{"keys":[{"version":0,"key":"AA=="}]}"#, #"{"keys":[{"version":1}]}"#] {
            try DurableFile.write(Array(text.utf8), to: path, mode: 0o600)
            #expect(throws: AgentError.self) { try open() }
        }
    }

    @Test("a key that can't be written is not kept, and those there are stay")
    func fullDisk() async throws {
        let store = try open()
        try await store.keep([first])
        // In the place of the file that is written beside it and renamed.
        #expect(rmdir(directory.path + "/none") != 0)
        let gone = TemporaryDirectory(named: "secrets-gone")
        let other = try SecretsKeyStore(NodeDirectory(gone.path + "/never/made"))
        await #expect(throws: AgentError.self) { try await other.keep([second]) }
        #expect(other.keyring == Keyring())
        #expect(try open().keyring.keys == [first])
    }
}
