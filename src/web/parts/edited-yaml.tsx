/** A YAML text, and its values as fields of a form beside it. */
import type { FormField } from '../../protocol/form-field.js';
import { FormFields } from './form-fields.js';

interface EditedYamlProps {
  label: string;
  text: string;
  heading: string;
  fields: FormField[];
  /** Where most people change a value and few the text. */
  isFormFirst?: boolean;
}

export function EditedYaml({ label, text, heading, fields, isFormFirst = false }: EditedYamlProps) {
  const parts = [
    <div key="text">
      <label htmlFor="text">{label}</label>
      <textarea id="text" name="text" rows={26} defaultValue={text} spellCheck={false} className="code" required />
    </div>,
    <div key="fields">
      <h2>{heading}</h2>
      <noscript>
        <p className="note">Without JavaScript, change the text: the fields show it.</p>
      </noscript>
      <div id="settings">
        <FormFields fields={fields} />
      </div>
    </div>,
  ];
  return <div className={isFormFirst ? 'beside form-first' : 'beside'}>{isFormFirst ? parts.reverse() : parts}</div>;
}
