package import JSONText
import TestFiles

extension EditorSchema {
    /// Files of the package's directory `schemas`.
    package static func shipped(_ names: [String]) throws -> EditorSchema {
        var files: [String: JSON] = [:]
        for name in names {
            let text = TextFile.read(SharedData.packageDirectory + "/schemas/" + name) ?? ""
            files[name] = try JSON(parsing: text)
        }
        return EditorSchema(files: files)
    }

    /// The members that a schema describes, such as `objects[].name`, but for those of manifests.
    package func describedMembers(file: String) -> Set<String> {
        var members: Set<String> = []
        describe(.init(schema: files[file] ?? false, file: file), at: "", &members)
        return members
    }

    /// The members that a value has, in the same words, as far as the schema does not let anything stand there.
    package func members(of value: JSON, file: String) -> Set<String> {
        var members: Set<String> = []
        collect(value, by: [Place(schema: files[file] ?? false, file: file)], at: "", &members)
        return members
    }

    private struct Place {
        var schema: JSON
        var file: String
    }

    /// A schema, the one that it refers to and its choices; none for what a manifest may hold.
    private func parts(of place: Place) -> [Place] {
        var parts = [place]
        if let reference = place.schema["$ref"]?.string, let target = target(of: reference, in: place.file),
            target.file != "manifest.json"
        {
            parts += self.parts(of: Place(schema: target.schema, file: target.file))
        }
        for choice in place.schema["anyOf"]?.array ?? [] {
            parts += self.parts(of: Place(schema: choice, file: place.file))
        }
        return parts
    }

    private func describe(_ place: Place, at path: String, _ members: inout Set<String>) {
        for part in parts(of: place) {
            for member in part.schema["properties"]?.object?.sortedMembers ?? [] {
                let inner = Place(schema: member.value, file: part.file)
                let isDescribed = parts(of: inner).contains { !($0.schema["description"]?.string ?? "").isEmpty }
                let name = path + member.key
                if isDescribed { members.insert(name) }
                describe(inner, at: name + ".", &members)
            }
            if let items = part.schema["items"] {
                describe(Place(schema: items, file: part.file), at: path.dropLast() + "[].", &members)
            }
        }
    }

    private func collect(_ value: JSON, by places: [Place], at path: String, _ members: inout Set<String>) {
        let parts = places.flatMap(parts(of:))
        switch value {
        case .object(let object):
            guard parts.contains(where: { $0.schema["properties"] != nil }) else { return }
            for member in object {
                let name = path + member.key
                members.insert(name)
                let inner = parts.compactMap { part in
                    part.schema["properties"]?[member.key].map { Place(schema: $0, file: part.file) }
                }
                collect(member.value, by: inner, at: name + ".", &members)
            }
        case .array(let elements):
            let inner = parts.compactMap { part in part.schema["items"].map { Place(schema: $0, file: part.file) } }
            for element in elements { collect(element, by: inner, at: path.dropLast() + "[].", &members) }
        default: break
        }
    }
}
