import API
import Contract
import Fleet
import Manifest
import ManifestFiles
import Primitives
import Reconcile
import Sealing

/// From the manifest files of a commit to the puts of its objects: all of them are valid, or nothing is answered. Pure.
struct SourceDocuments {
    let commit: String
    let limits: GitLimits
    let sealer: SecretSealer

    /// How many errors a failure names at most.
    private static let namedErrors = 8
    private static let pointer = Array("version https://git-lfs.github.com/spec/".utf8)

    /// What errors call a file: the beginning of the commit's name, and the file's path in the repository.
    func name(of file: TreeSearch.File) -> String { "\(commit.prefix(12)):\(file.path)" }

    /// - Throws: If the files have more bytes than manifests may have.
    func checkSizes(_ files: [TreeSearch.File]) throws(SourceFailure) {
        var rest = limits.documentBytes
        for file in files {
            guard file.blob.byteCount <= rest else {
                throw .badCommit(
                    commit,
                    "\(name(of: file)): the manifests are too large: together they may have \(limits.documentBytes) bytes"
                )
            }
            rest -= file.blob.byteCount
        }
    }

    /// - Parameter contents: By their names in the repository; all of those that the files have.
    func mutations(_ files: [TreeSearch.File], _ contents: [String: [UInt8]]) throws(SourceFailure) -> [Mutation] {
        var collection = ManifestCollection(limit: limits.documentBytes)
        for file in files {
            let bytes = contents[file.blob.id] ?? []
            guard !bytes.starts(with: Self.pointer) else {
                throw .badCommit(
                    commit,
                    "\(name(of: file)): it is a pointer of Git LFS, whose content is not fetched: keep manifests in Git "
                        + "itself")
            }
            do throws(ManifestCollection.TooLarge) {
                try collection.add(bytes, name: name(of: file))
            } catch {
                throw .badCommit(commit, "\(error)")
            }
        }
        let reader = ManifestReader(namespace: KindInfo.defaultNamespace, namespaceIsBinding: false)
        let checked = collection.inspect(with: reader, assuming: nil)
        guard checked.errors.isEmpty else {
            let named = checked.errors.prefix(Self.namedErrors).map(\.description)
            throw .badCommit(
                commit, SourceFailure.joined(named, omitted: checked.errors.count - named.count + checked.omitted))
        }
        guard !checked.documents.isEmpty else {
            throw .badCommit(commit, "the files have no documents in them; a set is never emptied in this way")
        }
        do throws(APIStatus) {
            return try Admission.puts(of: checked.documents, sealer: sealer)
        } catch {
            // Without the key nothing is wrong with the commit.
            let isBad = error.reason == .invalid
            throw isBad ? .badCommit(commit, error.message) : .fetchFailed(error.message)
        }
    }
}
