import ArgumentParser
import Contract
import JSONText
import Primitives

/// `blixard access`: which users' keys may do what.
struct Access: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "access", abstract: "List, give and take users' roles.",
        subcommands: [AccessList.self, AccessGrant.self, AccessRevoke.self])
}

/// A user's key as an argument.
struct KeyArgument: ParsableArguments {
    @Argument(help: ArgumentHelp("The user's public key, 64 hexadecimal digits.", valueName: "key"))
    var key: String

    func value() throws -> PublicKey {
        guard let key = PublicKey(hex: key) else {
            throw CommandFailure.error("\"\(key)\" is no key: it must be 64 hexadecimal digits")
        }
        return key
    }
}

extension ClusterClient {
    /// Changes who may do what: sent once, because no answer is kept under an id.
    func changeAccess(_ change: () async throws(ClientFailure) -> Void) async throws {
        do throws(ClientFailure) {
            try await change()
        } catch {
            guard error.isOutcomeUnknown else { throw error }
            throw CommandFailure(text: error.text + "\nIt may have taken effect: see `blixard access list`.")
        }
    }
}
