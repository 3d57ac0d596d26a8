import type { ToolCall } from '@/client/draft'

import { joinJson, jsonProblem } from './jsonText'
import { isRecord } from './values'

/** A tool as the model was offered it. */
export interface OfferedTool {
  name: string
  description: string
  /** The JSON schema of its arguments, as far as the record says it. */
  properties: Readonly<Record<string, Readonly<Record<string, unknown>>>> | null
  required: readonly string[]
  /** Whether arguments beyond the properties are allowed. */
  open: boolean
}

export interface ToolCallProblem {
  field: 'name' | 'arguments'
  message: string
  /** The correction can't be submitted with it. */
  blocks: boolean
}

/**
 * Reads the tool calls of a message or a record, in the shapes that logs have.
 *
 *     [{id: "c1", function: {name: "search", arguments: {q: "eggs"}}}]
 *     → [{id: "c1", type: "function", function: {name: "search", arguments: '{"q": "eggs"}'}}]
 */
export function toolCallsOf(value: unknown): ToolCall[] {
  const list = value === null || value === undefined ? [] : [value].flat()
  return list.filter(isRecord).map((call) => {
    const target = isRecord(call.function) ? call.function : call
    const name = [target.name, call.function].find((part) => typeof part === 'string')
    return {
      ...(typeof call.id === 'string' ? { id: call.id } : {}),
      type: 'function',
      function: {
        name: typeof name === 'string' ? name : '',
        arguments: argumentsText(target.arguments ?? target.input ?? target.parameters),
      },
    }
  })
}

/** No arguments at all are an empty object. */
function argumentsText(value: unknown): string {
  if (typeof value === 'string') return value.trim() === '' ? '{}' : value
  return JSON.stringify(value ?? {})
}

/** Whether two turns call the same tools with the same arguments; ids do not matter. */
export function sameCalls(left: readonly ToolCall[], right: readonly ToolCall[]): boolean {
  return (
    left.length === right.length &&
    left.every((call, place) => asked(call) === (right[place] && asked(right[place])))
  )
}

function asked({ function: { name, arguments: text } }: ToolCall): string {
  return JSON.stringify([name, joinJson(text, false)])
}

/** Reads `record.tools`: with or without the `function` around, schema under either usual name. */
export function offeredTools(value: unknown): OfferedTool[] {
  if (!Array.isArray(value)) return []
  return value
    .filter(isRecord)
    .map((entry) => (isRecord(entry.function) ? entry.function : entry))
    .filter((tool) => typeof tool.name === 'string')
    .map((tool) => {
      const schema = [tool.parameters, tool.input_schema].find(isRecord)
      const properties = schema?.properties
      return {
        name: String(tool.name),
        description: typeof tool.description === 'string' ? tool.description : '',
        properties: isRecord(properties)
          ? Object.fromEntries(
              Object.entries(properties).map(([name, one]) => [name, isRecord(one) ? one : {}]),
            )
          : null,
        required: Array.isArray(schema?.required) ? schema.required.map(String) : [],
        open: schema?.additionalProperties === true || isRecord(schema?.additionalProperties),
      }
    })
}

/** What is wrong with a call, the worst first. What only the schema says does not block. */
export function toolCallProblems(call: ToolCall, tools: readonly OfferedTool[]): ToolCallProblem[] {
  const { name, arguments: text } = call.function
  const problems: ToolCallProblem[] = []
  const say = (field: ToolCallProblem['field'], message: string, blocks = false): void => {
    problems.push({ field, message, blocks })
  }

  const tool = tools.find((offered) => offered.name === name)
  if (name.trim() === '') say('name', 'Say which tool is called.', true)
  else if (!tool && tools.length > 0) say('name', `No tool \`${name}\` was offered to the model.`)

  const broken = jsonProblem(text)
  if (broken) {
    const { line, column, message } = broken
    say('arguments', `Line ${line}, column ${column}: ${message}`, true)
    return problems
  }
  const given: unknown = JSON.parse(text)
  if (!isRecord(given)) say('arguments', 'The arguments must be an object: { … }.', true)
  else if (tool) for (const message of schemaProblems(given, tool)) say('arguments', message)
  return problems
}

function schemaProblems(given: Record<string, unknown>, tool: OfferedTool): string[] {
  const { properties, required, open } = tool
  const missing = required
    .filter((name) => !(name in given))
    .map((name) => `\`${name}\` is required.`)
  if (!properties) return missing
  const others = Object.entries(given).flatMap(([name, value]) => {
    const schema = properties[name]
    if (!schema) return open ? [] : [`\`${tool.name}\` knows no \`${name}\`.`]
    const problem = valueProblem(value, schema)
    return problem ? [`\`${name}\` ${problem}.`] : []
  })
  return [...missing, ...others]
}

/** Simple types and choices; anything deeper is the tool's own matter. */
function valueProblem(value: unknown, schema: Readonly<Record<string, unknown>>): string | null {
  const types = [schema.type ?? []].flat().filter((type) => typeof type === 'string')
  if (types.length > 0 && !types.some((type) => isOfType(value, type))) {
    return `should be of type ${types.join(' or ')}`
  }
  if (Array.isArray(schema.enum) && !schema.enum.includes(value)) {
    return `should be one of ${schema.enum.map((choice) => JSON.stringify(choice)).join(', ')}`
  }
  return null
}

function isOfType(value: unknown, type: string): boolean {
  if (type === 'null') return value === null
  if (type === 'array') return Array.isArray(value)
  if (type === 'object') return isRecord(value)
  if (type === 'integer') return Number.isInteger(value)
  // A type that we do not know is not ours to refuse.
  return ['string', 'number', 'boolean'].includes(type) ? typeof value === type : true
}

/** One sentence about the first call that can't go out as it is. */
export function blockingCall(
  calls: readonly ToolCall[],
  tools: readonly OfferedTool[],
): string | null {
  for (const [index, call] of calls.entries()) {
    const problem = toolCallProblems(call, tools).find(({ blocks }) => blocks)
    const which = call.function.name.trim() ? ` (\`${call.function.name}\`)` : ''
    if (problem) return `Tool call ${index + 1}${which}: ${problem.message}`
  }
  return null
}
