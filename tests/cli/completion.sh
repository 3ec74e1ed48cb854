#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Shell completion, in the shell that loads it.  completion.sh DIRECTORY-OF-PROGRAMS
set -u
PATH=$1:$PATH
eval "$(assay completion bash)"
count=0
failed=0

# row SAYS WANTED WORDS...: completing the last of the words offers exactly what is wanted
row() {
	local says=$1 wanted=$2
	shift 2
	COMP_WORDS=("$@")
	COMP_CWORD=$(($# - 1))
	COMPREPLY=()
	_assay_complete
	count=$((count + 1))
	if [ "${COMPREPLY[*]-}" = "$wanted" ]; then
		echo "ok $count - $says"
	else
		failed=1
		echo "not ok $count - $says"
		echo "# offered \"${COMPREPLY[*]-}\""
	fi
}

row "a command's beginning" "subscription" assay sub
row "a command below" "new" assay order n
row "all commands of a group" "bash zsh" assay completion ""
row "an option's beginning" "--confirmation-code --confirmations" assay order new --conf
row "--help is everywhere" "--help" assay order new --he
row "--version is at the root" "--version" assay --v
row "nothing where a value is wanted" "" assay order new --eid ""
row "nothing where no command fits" "" assay frob
row "another program" "enable" assay-agent ena
row "options behind arguments" "--enable" assay-agent download LPA:x --ena
echo "1..$count"
exit "$failed"
